import { generateLogFiles, generateSongFiles } from '../../../src/generate/files.ts';
import type { InputFile } from './sample.ts';

/** A small bucket: seeded, so that every run and every machine sees the same bytes. */
export function generatedFiles(options: { seed: number; events: number; songs: number; files: number }): {
  readonly songs: readonly InputFile[];
  readonly logs: readonly InputFile[];
} {
  const all = {
    seed: options.seed,
    users: 20,
    songs: options.songs,
    days: 3,
    firstDayMs: Date.UTC(2018, 10, 1),
    events: options.events,
    files: options.files,
    matchShare: 0.4,
    logPrefix: 'log_data/',
    songPrefix: 'song_data/',
  };
  return { songs: [...generateSongFiles(all)], logs: [...generateLogFiles(all)] };
}
