import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generateEvents } from '../../src/generate/events.ts';
import { generateLogFiles, generateSongFiles } from '../../src/generate/files.ts';
import { folderWriter } from '../../src/generate/folder-writer.ts';
import { writeGenerated } from '../../src/generate/write-generated.ts';
import type { GenerateOptions } from '../../src/generate/events.ts';
import type { GeneratedFile } from '../../src/generate/files.ts';
import type { SongObject } from '../../src/generate/catalogue.ts';

const OPTIONS: GenerateOptions = {
  seed: 42,
  users: 80,
  songs: 400,
  days: 3,
  firstDayMs: Date.UTC(2018, 10, 1),
  events: 6_000,
  files: null,
  matchShare: 0.7,
  logPrefix: 'log_data/',
  songPrefix: 'song_data/',
};

function fingerprint(options: GenerateOptions): string {
  const hash = createHash('sha256');
  for (const file of [...generateSongFiles(options), ...generateLogFiles(options)])
    hash.update(file.key).update(file.body);
  return hash.digest('hex');
}

function songs(options: GenerateOptions): SongObject[] {
  return [...generateSongFiles(options)].map((file) => JSON.parse(Buffer.from(file.body).toString()) as SongObject);
}

function identity(title: string | null, artist: string | null, duration: number | null): string {
  return JSON.stringify([title, artist, duration]);
}

describe('the same seed', () => {
  test('gives the same bytes, and another seed others', () => {
    expect(fingerprint(OPTIONS)).toBe(fingerprint(OPTIONS));
    expect(fingerprint(OPTIONS)).not.toBe(fingerprint({ ...OPTIONS, seed: 43 }));
  });

  test('gives these bytes on every machine', () => {
    expect(fingerprint(OPTIONS)).toBe('acbda4b328d86eb2fac36853b4a134e7c7382801007156f7522f77f1a7a546ad');
  });
});

describe('log events', () => {
  const events = [...generateEvents(OPTIONS)];

  test('are exactly as many as asked for, in order of time, within the days', () => {
    expect(events).toHaveLength(OPTIONS.events);
    const times = events.map((event) => event.ts);
    expect(times).toEqual([...times].sort((left, right) => left - right));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(OPTIONS.firstDayMs);
    expect(Math.max(...times)).toBeLessThan(OPTIONS.firstDayMs + 3 * 86_400_000);
  });

  test('number the items of every session from 0 without a gap', () => {
    const next = new Map<number, number>();
    for (const event of events) {
      expect(event.itemInSession).toBe(next.get(event.sessionId) ?? 0);
      next.set(event.sessionId, event.itemInSession + 1);
    }
    expect(next.size).toBeGreaterThan(100);
  });

  test('of logged-out visitors carry an empty user id and nulls, and are there', () => {
    const loggedOut = events.filter((event) => event.auth === 'Logged Out');
    expect(loggedOut.length).toBeGreaterThan(20);
    for (const event of loggedOut) {
      expect(event).toMatchObject({ userId: '', firstName: null, registration: null, userAgent: null, song: null });
    }
  });

  test('name a song exactly when the page is NextSong', () => {
    for (const event of events) expect(event.song !== null).toBe(event.page === 'NextSong');
  });

  test('show users who changed from free to paid and back', () => {
    const pages = new Set(events.map((event) => event.page));
    expect(pages).toContain('Submit Upgrade');
    const levels = new Map<string, Set<string>>();
    for (const event of events) {
      const seen = levels.get(event.userId) ?? new Set();
      levels.set(event.userId, seen.add(event.level));
    }
    levels.delete('');
    expect([...levels.values()].filter((seen) => seen.size === 2).length).toBeGreaterThan(0);
    expect([...levels.values()].filter((seen) => seen.size === 1).length).toBeGreaterThan(10);
  });

  test.each([0, 0.3, 0.7, 1])('match the catalogue in the share asked for: %d', (matchShare) => {
    const options = { ...OPTIONS, matchShare };
    const known = new Set(songs(options).map((song) => identity(song.title, song.artist_name, song.duration)));
    const plays = [...generateEvents(options)].filter((event) => event.page === 'NextSong');
    const matched = plays.filter((play) => known.has(identity(play.song, play.artist, play.length))).length;
    expect(plays.length).toBeGreaterThan(4_000);
    expect(Math.abs(matched / plays.length - matchShare)).toBeLessThan(0.02);
  });

  test('include plays that miss a song by its duration only', () => {
    const known = new Map(songs(OPTIONS).map((song) => [identity(song.title, song.artist_name, null), song.duration]));
    const near = events.filter((event) => {
      const duration = known.get(identity(event.song, event.artist, null));
      return duration !== undefined && duration !== event.length;
    });
    expect(near.length).toBeGreaterThan(50);
  });
});

describe('songs', () => {
  const catalogue = songs({ ...OPTIONS, songs: 3_000 });

  test('have an id and a file of their own each', () => {
    expect(new Set(catalogue.map((song) => song.song_id)).size).toBe(3_000);
    const keys = [...generateSongFiles({ ...OPTIONS, songs: 3_000 })].map((file) => file.key);
    expect(new Set(keys).size).toBe(3_000);
    for (const key of keys) expect(key).toMatch(/^song_data\/(.)\/(.)\/(.)\/TR\1\2\3[A-Z]{2}[0-9A-F]{11}\.json$/);
  });

  test('share artists, and an artist keeps the name', () => {
    const names = new Map<string, Set<string>>();
    for (const song of catalogue) {
      names.set(song.artist_id, (names.get(song.artist_id) ?? new Set()).add(song.artist_name));
    }
    expect(names.size).toBeLessThan(1_500);
    expect([...names.values()].every((seen) => seen.size === 1)).toBe(true);
  });

  test('are sometimes there twice under two ids', () => {
    const seen = new Set(catalogue.map((song) => identity(song.title, song.artist_name, song.duration)));
    expect(catalogue.length - seen.size).toBeGreaterThan(3);
  });

  test('bring quotes, apostrophes and other scripts', () => {
    const text = catalogue.map((song) => `${song.title} ${song.artist_name}`).join('\n');
    for (const trouble of ['"', "'", 'é', '夜', 'Д', '&', ',']) expect(text).toContain(trouble);
  });
});

describe('files', () => {
  const log = (file: GeneratedFile) => file.kind === 'logs';

  test('are one a day, named for it', () => {
    expect([...generateLogFiles(OPTIONS)].map((file) => file.key)).toEqual([
      'log_data/2018/11/2018-11-01-events.json',
      'log_data/2018/11/2018-11-02-events.json',
      'log_data/2018/11/2018-11-03-events.json',
    ]);
  });

  test('are many small ones when asked for, with the same events', () => {
    const small = [...generateLogFiles({ ...OPTIONS, files: 100 })];
    expect(small.length).toBeGreaterThanOrEqual(100);
    expect(small.length).toBeLessThanOrEqual(103);
    expect(new Set(small.map((file) => file.key)).size).toBe(small.length);
    const join = (files: Iterable<GeneratedFile>) => Buffer.concat([...files].map((file) => file.body)).toString();
    expect(join(small)).toBe(join(generateLogFiles(OPTIONS)));
  });

  test('look like the event simulator wrote them', () => {
    const text = Buffer.concat([...generateLogFiles(OPTIONS)].map((file) => file.body)).toString();
    expect(text).toMatch(/"registration":\d+\.0,/);
    expect(text).toContain(String.raw`"userAgent":"\"Mozilla\/5.0`);
    expect(text.endsWith('}\n')).toBe(true);
  });

  test('written to a folder are all there and none is unfinished', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sparkify-generate-'));
    try {
      const small = { ...OPTIONS, songs: 50, events: 500 };
      const summary = await writeGenerated({
        options: small,
        write: folderWriter(folder),
        signal: new AbortController().signal,
        onProgress: () => undefined,
      });
      expect(summary).toMatchObject({ songFiles: 50, logFiles: 3, events: 500 });
      const written = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      expect(written).toHaveLength(53);
      expect(written.filter((entry) => entry.name.endsWith('.part'))).toEqual([]);
      for (const file of [...generateLogFiles(small)].filter(log)) {
        expect(readFileSync(join(folder, file.key)).equals(file.body)).toBe(true);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('stop between two files when aborted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sparkify-generate-'));
    const stop = new AbortController();
    try {
      const summary = await writeGenerated({
        options: OPTIONS,
        write: folderWriter(folder),
        signal: stop.signal,
        onProgress: (soFar) => soFar.songFiles === 10 && stop.abort(),
      });
      expect(summary.songFiles).toBeLessThan(100);
      expect(summary.logFiles).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
