import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TimeRanges } from '../../src/core/time-ranges.ts';

const DAY_MS = 86_400_000;

function rangesOf(times: readonly number[]) {
  const ranges = new TimeRanges();
  for (const atMs of times) ranges.add(atMs);
  return ranges.all;
}

it('one late event does not widen the range of the others', () => {
  const [today, longAgo] = [Date.UTC(2018, 10, 12), Date.UTC(2015, 0, 1)];
  expect(rangesOf([today, longAgo, today + 5_000])).toEqual([
    { minMs: longAgo, maxMs: longAgo },
    { minMs: today, maxMs: today + 5_000 },
  ]);
});

it('times of less than a day apart are one range', () => {
  expect(rangesOf([0, DAY_MS - 1, DAY_MS / 2])).toEqual([{ minMs: 0, maxMs: DAY_MS - 1 }]);
  expect(rangesOf([0, DAY_MS])).toHaveLength(2);
});

it('of many ranges those stay apart between which most lies', () => {
  const times = [0, 10, 20, 31, 40, 50, 60, 70, 80, 99].map((day) => day * DAY_MS);
  const days = rangesOf(times).map(({ maxMs, minMs }) => [minMs / DAY_MS, maxMs / DAY_MS]);
  expect(days).toHaveLength(8);
  expect(days).toContainEqual([99, 99]);
  expect(days.at(-2)?.[1]).toBe(80);
});

it('every time lies in one of at most eight disjoint ranges, however the times come', () => {
  const aTime = fc
    .oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 5_000 }))
    .map((day) => day * DAY_MS);
  fc.assert(
    fc.property(fc.array(aTime, { maxLength: 60 }), fc.array(aTime, { maxLength: 20 }), (some, others) => {
      const ranges = new TimeRanges();
      for (const atMs of some) ranges.add(atMs);
      ranges.addAll(rangesOf(others));
      expect(ranges.all.length).toBeLessThanOrEqual(8);
      for (const atMs of [...some, ...others]) {
        expect(ranges.all.filter(({ maxMs, minMs }) => minMs <= atMs && atMs <= maxMs)).toHaveLength(1);
      }
      expect(ranges.all).toEqual(ranges.all.toSorted((a, b) => a.minMs - b.minMs));
    }),
  );
});
