import { expect, test } from 'vitest';
import { countOf } from '../../src/core/count-of.ts';
import type { SweepMoment } from '../../src/core/sweep.ts';
import { retryAfterMs, sweepWaitMs } from '../../src/core/sweep.ts';

const HOUR_MS = 3_600_000;

function waitMs(change: Partial<SweepMoment>): number {
  return sweepWaitMs(
    { atMs: 1_000_000, consumer: { state: 'consuming', heldFiles: 0 }, lastStep: null, ...change },
    100,
  );
}

test('a step of a sweep begins only while the consumer receives, and the waiting files fill at most half a batch', () => {
  expect(waitMs({})).toBe(0);
  expect(waitMs({ consumer: { state: 'consuming', heldFiles: 50 } })).toBe(0);
  expect(waitMs({ consumer: { state: 'consuming', heldFiles: 51 } })).toBe(1_000);
  for (const state of ['starting', 'paused', 'draining', 'failing', 'stopped']) {
    expect(waitMs({ consumer: { state, heldFiles: 0 } })).toBe(1_000);
  }
});

test('a sweep rests nine times as long as its last step took, at most a minute', () => {
  const after = (ms: number, sinceMs: number) =>
    waitMs({ lastStep: { startedAtMs: 1_000_000 - sinceMs - ms, endedAtMs: 1_000_000 - sinceMs } });
  expect([after(200, 0), after(200, 1_799), after(200, 1_800), after(200, 5_000)]).toEqual([1_800, 1, 0, 0]);
  expect(after(600_000, 0)).toBe(60_000);
  // The clock was set back.
  expect(after(200, -5_000)).toBe(0);
});

test('a quarantined file is read again after 1 h, 6 h, 24 h, and then daily', () => {
  expect([0, 1, 2, 3, 50].map((retries) => retryAfterMs(retries) / HOUR_MS)).toEqual([1, 6, 24, 24, 24]);
});

test('one thing has no plural', () => {
  expect([countOf(0, 'file'), countOf(1, 'quality check'), countOf(12_345, 'file')]).toEqual([
    '0 files',
    '1 quality check',
    '12,345 files',
  ]);
});
