import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pLimit from 'p-limit';
import { generateLogFiles, generateSongFiles } from './files.ts';
import type { ObjectStore } from '../core/ports.ts';
import type { GenerateOptions } from './events.ts';
import type { GeneratedFile } from './files.ts';

/** @param signal aborted: a file that is not whole yet may be left out. */
export type WriteFile = (file: GeneratedFile, signal: AbortSignal) => Promise<void>;

export type GenerateSummary = {
  readonly songFiles: number;
  readonly logFiles: number;
  readonly events: number;
  readonly bytes: number;
};

/** Enough to keep a network busy; few enough that the files in flight stay small change. */
const SONGS_IN_FLIGHT = 32;

/**
 * Generates all files and writes them: songs first, then logs in order of time. Resolves early when aborted; what was
 * written is whole, and a file whose writing was cut off is not counted.
 *
 * @param onProgress called after every file with what was written so far.
 */
export async function writeGenerated(input: {
  options: GenerateOptions;
  write: WriteFile;
  signal: AbortSignal;
  onProgress: (soFar: GenerateSummary) => void;
}): Promise<GenerateSummary> {
  let summary: GenerateSummary = { songFiles: 0, logFiles: 0, events: 0, bytes: 0 };
  const writeOne = async (file: GeneratedFile): Promise<void> => {
    try {
      await input.write(file, input.signal);
    } catch (error) {
      if (input.signal.aborted) return;
      throw error;
    }
    summary = add(summary, file);
    input.onProgress(summary);
  };
  await forEachBounded(generateSongFiles(input.options), SONGS_IN_FLIGHT, writeOne, input.signal);
  await forEachBounded(generateLogFiles(input.options), 2, writeOne, input.signal);
  return summary;
}

function add(summary: GenerateSummary, file: GeneratedFile): GenerateSummary {
  const isSong = file.kind === 'songs';
  return {
    songFiles: summary.songFiles + (isSong ? 1 : 0),
    logFiles: summary.logFiles + (isSong ? 0 : 1),
    events: summary.events + (isSong ? 0 : file.entries),
    bytes: summary.bytes + file.body.length,
  };
}

/** Takes the next file only when there is room for it, so that a slow target does not fill the memory. */
async function forEachBounded(
  files: Iterable<GeneratedFile>,
  inFlight: number,
  write: (file: GeneratedFile) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const limit = pLimit(inFlight);
  const pending = new Set<Promise<void>>();
  for (const file of files) {
    if (signal.aborted) break;
    const task = limit(() => write(file)).finally(() => pending.delete(task));
    pending.add(task);
    if (pending.size >= inFlight) await Promise.race(pending);
  }
  await Promise.all(pending);
}

/** Writes below a folder; a file appears under its name only when it is whole. */
export function folderWriter(folder: string): (file: GeneratedFile) => Promise<void> {
  const known = new Set<string>();
  return async (file) => {
    const path = join(folder, ...file.key.split('/'));
    const parent = dirname(path);
    if (!known.has(parent)) {
      await mkdir(parent, { recursive: true });
      known.add(parent);
    }
    const unfinished = `${path}.part`;
    try {
      await writeFile(unfinished, file.body);
      await rename(unfinished, path);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  };
}

export function bucketWriter(store: ObjectStore, bucket: string): WriteFile {
  return async (file, signal) => {
    await store.put({ bucket, key: file.key, body: file.body, contentType: 'application/json', signal });
  };
}
