import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NOTHING } from '../../src/backfill/backfill-progress.ts';
import { feedQueue, notificationOf } from '../../src/backfill/feed-queue.ts';
import { openKeysFile } from '../../src/backfill/named-keys.ts';
import { Measure } from '../../src/backfill/measured-backfill.ts';
import { readNotification } from '../../src/core/intake/notification.ts';
import { describeBackfill, describeState } from '../../src/terminal/backfill-report.ts';
import { progressLine } from '../../src/terminal/progress.ts';
import { aFile } from './file-events.ts';

const NEVER = new AbortController().signal;
const ROUTE = {
  bucket: 'data',
  logPrefix: 'log_data/',
  songPrefix: 'song_data/',
  workPrefix: 'sparkify-work/',
  onDelete: 'keep',
} as const;

async function all(pages: AsyncIterable<readonly string[]>): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const page of pages) keys.push(...page);
  return keys;
}

describe('a file of keys', () => {
  function keysFile(content: string) {
    const folder = mkdtempSync(join(tmpdir(), 'sparkify-keys-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'keys.txt');
    writeFileSync(path, content);
    return openKeysFile(path, ROUTE);
  }

  it('has a key a line: blank lines, CRLF, URIs and JSON strings are read, and foreign lines are counted', async () => {
    const lines = [
      'log_data/a.json',
      '',
      '   ',
      's3://data/song_data/b c.json',
      '"log_data/new\\nline.json"',
      `log_data/quote"'; drop table.json`,
      's3://other/log_data/c.json',
      'pictures/cat.jpg',
      'sparkify-work/part.json',
      `log_data/${'x'.repeat(1000)}`,
    ];
    const file = keysFile(`\uFEFF${lines.join('\r\n')}`);
    const keys = await all(file.list());
    expect(keys).toEqual([
      'log_data/a.json',
      'song_data/b c.json',
      'log_data/new\nline.json',
      `log_data/quote"'; drop table.json`,
      `log_data/${'x'.repeat(1000)}`,
    ]);
    expect(file.foreign()).toEqual({ lines: 3, first: 's3://other/log_data/c.json' });
    // Each pass reads it again.
    expect(await all(file.list())).toEqual(keys);
    expect(file.foreign().lines).toBe(3);
  });

  it('that cannot be read is named', async () => {
    const listed = all(openKeysFile('/nowhere/keys.txt', ROUTE).list());
    await expect(listed).rejects.toMatchObject({
      code: 'config_invalid',
      message: /--keys-from.*\/nowhere\/keys\.txt/,
    });
  });
});

describe('feeding the queue', () => {
  it.each(['log_data/a b+c%25ü"&.json', 'log_data/new\nline.json', `log_data/${'é'.repeat(400)}`])(
    'sends a notification that names %j as S3 does',
    (key) => {
      const file = { ...aFile({ key, sequencer: null }) };
      expect(readNotification(notificationOf(file), 0)).toMatchObject({ kind: 'events', files: [file] });
    },
  );

  it('waits while the queue holds two thousand messages', async () => {
    const files = Array.from({ length: 450 }, (_, n) => aFile({ key: `log_data/${n}.json`, sequencer: null }));
    const told: string[] = [];
    const depths = [1_999, 2_000, 5_000, 1_000, 0];
    const feed = {
      waiting: async () => await Promise.resolve(depths.shift() ?? 0),
      send: async (bodies: readonly string[]) => await Promise.resolve(void told.push(`sent ${bodies.length}`)),
    };
    const clock = { nowMs: () => 0, sleep: async () => await Promise.resolve(void told.push('waited')) };
    await feedQueue({ clock, feed }, { files, signal: NEVER, onSent: () => undefined });
    expect(told).toEqual(['sent 200', 'waited', 'waited', 'sent 200', 'sent 50']);
  });
});

describe('the progress of a backfill', () => {
  const clock = { ms: 0 };
  const measure = new Measure(() => clock.ms);
  const listing = (pages: readonly (readonly number[])[]) => ({
    settings: { ...ROUTE, maxFiles: 10, maxBytes: 1e9, consumer: 'c' },
    store: {
      list: async function* list({ prefix }: { prefix: string }) {
        for (const sizes of prefix === 'log_data/' ? pages : []) {
          yield await Promise.resolve(sizes.map((size, n) => aFile({ bucket: 'data', key: `log_data/${n}`, size })));
        }
      },
    } as never,
  });

  it('names the listing first, then files, bytes, speed and what is left', async () => {
    expect(describeState(measure.state(), 'load')).toMatchObject({ total: null, note: 'listing the bucket, 0.0 s' });
    const range = { prefix: null, sinceMs: null, untilMs: null, keys: null, signal: NEVER };
    await measure.count(listing([[20_000_000, 30_000_000], [50_000_000]]), range);
    clock.ms = 5_000;
    measure.onProgress({ ...NOTHING, listed: 3, wanted: 3, wantedBytes: 1e8, doneFiles: 1, doneBytes: 25_000_000 });
    measure.watching(() => undefined)({
      kind: 'load.stage_finished',
      batchId: 'b' as never,
      stage: 'stage',
      ms: 1,
      readBytes: 0,
    });
    expect(describeState(measure.state(), 'load')).toEqual({
      done: 25_000_000,
      total: 100_000_000,
      note: '1 of 3 files, 25.0 of 100.0 MB, 5.0 MB/s, 15 s left, publishing',
    });
  });

  it('says "at least" while the listing is not at its end', () => {
    const other = new Measure(() => 0);
    other.onProgress({ ...NOTHING, listed: 9, wanted: 8, wantedBytes: 5 });
    expect(describeState(other.state(), 'load')).toMatchObject({
      total: null,
      note: expect.stringMatching(/^0 of at least 8 files/) as string,
    });
    expect(describeState(other.state(), 'count').note).toBe('listed 9 objects, 0 would be loaded, 0.0 s');
  });

  it.each([60, 80, 120])('fits into %i columns, with a bar of what is left of them', (columns) => {
    const now = { ...describeState(measure.state(), 'load') };
    const line = progressLine('backfill', now, columns);
    expect(line.length).toBeLessThanOrEqual(columns);
    expect(/█/.test(line)).toBe(columns === 120);
    expect(progressLine('backfill', { ...now, note: '1 of 3 files' }, columns)).toMatch(
      /^backfill █+░+ 25% 1 of 3 files$/,
    );
  });

  it('ends with durations', () => {
    const done = {
      ...NOTHING,
      ...{ listed: 3, wanted: 2, wantedBytes: 2_000_000, batches: 1 },
      files: { ...NOTHING.files, loaded: 1, quarantined: 1 },
      stageMs: { read: 61_000, stage: 4_000, publish: 2_000 },
    };
    expect(describeBackfill(done, 'load', 4_020_000)).toBe(
      '3 objects listed, 2 of a dataset (2.0 MB); 1 loaded, 0 already settled, 1 quarantined; 0 new rows, 0 changed; ' +
        'took 67 min (read 61 s, staged 4.0 s, published 2.0 s)',
    );
  });
});
