import { generateLogFiles, generateSongFiles } from '../generate/files.ts';
import { renderLogEvent } from '../generate/log-event.ts';
import { Catalogue } from '../generate/catalogue.ts';
import type { GenerateOptions } from '../generate/events.ts';
import type { GeneratedFile } from '../generate/files.ts';

export type DemoFile = Pick<GeneratedFile, 'key' | 'body'> & { readonly entries: number };

const OPTIONS: GenerateOptions = {
  seed: 2018,
  users: 60,
  songs: 160,
  days: 2,
  firstDayMs: Date.UTC(2018, 10, 14),
  events: 2_600,
  files: 18,
  matchShare: 0.75,
  logPrefix: 'log_data/',
  songPrefix: 'song_data/',
};

/** The data of the demo; the same in every run. */
export type DemoData = {
  readonly logs: readonly DemoFile[];
  readonly songs: readonly DemoFile[];
  /** Songs whose metadata arrives after their plays. */
  readonly lateSongs: readonly DemoFile[];
  /** One play of a known song by a new user. */
  readonly oneMore: DemoFile;
  /** A log that is cut off in the middle of a line, and a good log. */
  readonly broken: DemoFile;
  readonly besideBroken: DemoFile;
};

export function demoData(): DemoData {
  const songs = [...generateSongFiles(OPTIONS)];
  // Every second song is late: popular ones and rare ones alike.
  const isLate = (_: DemoFile, index: number) => index % 2 === 0;
  return {
    logs: [...generateLogFiles(OPTIONS)],
    songs: songs.filter((file, index) => !isLate(file, index)),
    lateSongs: songs.filter(isLate),
    oneMore: playFile({ name: 'one-more', userId: 1001, songIndex: 1 }),
    broken: brokenFile(),
    besideBroken: playFile({ name: 'beside-the-broken-one', userId: 1002, songIndex: 3 }),
  };
}

function playFile(input: { name: string; userId: number; songIndex: number }): DemoFile {
  return { key: `log_data/2018/11/2018-11-16-${input.name}.json`, body: Buffer.from(playLine(input)), entries: 1 };
}

function brokenFile(): DemoFile {
  const line = playLine({ userId: 1003, songIndex: 5 });
  const body = Buffer.from(`${line}${line.slice(0, line.length / 2)}`);
  return { key: 'log_data/2018/11/2018-11-16-broken.json', body, entries: 2 };
}

function playLine(input: { userId: number; songIndex: number }): string {
  const track = new Catalogue(OPTIONS).track(input.songIndex);
  return renderLogEvent({
    artist: track.artist,
    auth: 'Logged In',
    firstName: 'Ada',
    gender: 'F',
    itemInSession: 0,
    lastName: 'Lovelace',
    length: track.duration,
    level: 'paid',
    location: 'London, KY',
    method: 'PUT',
    page: 'NextSong',
    registration: OPTIONS.firstDayMs,
    sessionId: 900_000 + input.userId,
    song: track.title,
    status: 200,
    ts: OPTIONS.firstDayMs + 2 * 86_400_000 + input.userId,
    userAgent: '"Analytical Engine"',
    userId: String(input.userId),
  });
}
