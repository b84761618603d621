import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Grouping, prefixesToList, wantedLane } from '../../src/backfill/plan-backfill.ts';
import type { FileEvent } from '../../src/core/file-event.ts';

const PREFIXES = { songPrefix: 'song_data/', logPrefix: 'log_data/', workPrefix: 'work/' };
const SETTINGS = { bucket: 'b', ...PREFIXES, onDelete: 'keep' } as const;

function file(key: string, size = 1, eventTimeMs = 0): FileEvent {
  return { change: 'put', bucket: 'b', key, etag: 'e', versionId: null, sequencer: null, size, eventTimeMs };
}

test.each([
  [null, ['song_data/', 'log_data/']],
  ['log_data/2018/', ['log_data/2018/']],
  ['', ['song_data/', 'log_data/']],
  ['song', ['song_data/']],
  ['elsewhere/', []],
])('the prefix %j lists %j', (prefix, expected) => {
  expect(prefixesToList(SETTINGS, prefix)).toEqual(expected);
});

test('since is within the range, until is not, and folder markers and foreign keys are not wanted', () => {
  const range = { prefix: null, sinceMs: 10, untilMs: 20 };
  const lanes = [9, 10, 19, 20].map((at) => wantedLane(file('log_data/a.json', 1, at), SETTINGS, range));
  expect(lanes).toEqual([null, 'logs', 'logs', null]);
  const keys = ['log_data/', 'log_data/a.gz', 'song_data/a.json', 'work/x', 'else/x'];
  expect(keys.map((key) => wantedLane(file(key, 1, 10), SETTINGS, range))).toEqual([null, 'logs', 'songs', null, null]);
});

test('grouping keeps every file once and in order, and no group of several files is beyond a limit', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(50)),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 100 }),
      (sizes, maxFiles, maxBytes) => {
        const grouping = new Grouping({ maxFiles, maxBytes });
        const files = sizes.map((size, n) => file(`log_data/${n}`, size));
        const full = files.flatMap((one) => grouping.add('logs', one) ?? []);
        const groups = [...full, ...grouping.rest()];
        expect(groups.flatMap((group) => group.files)).toEqual(files);
        for (const group of groups) {
          expect(group.files.length).toBeLessThanOrEqual(maxFiles);
          expect(group.files.length === 1 || group.bytes <= maxBytes).toBe(true);
          expect(group.bytes).toBe(group.files.reduce((sum, { size }) => sum + size, 0));
        }
        expect(grouping.rest()).toEqual([]);
      },
    ),
  );
});

test('a key that a list names twice is in a group once', () => {
  const grouping = new Grouping({ maxFiles: 2, maxBytes: 100 });
  for (const key of ['log_data/a', 'log_data/a', 'log_data/b']) expect(grouping.add('logs', file(key))).toBeNull();
  expect(grouping.rest().map(({ files }) => files.map(({ key }) => key))).toEqual([['log_data/a', 'log_data/b']]);
});
