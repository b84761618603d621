import { expect, test } from 'vitest';
import { percentileMs, sumOfLatencies, withLatencies } from '../../src/core/latencies.ts';
import {
  behindLimitMs,
  behindMs,
  expectedMs,
  isMeasured,
  loadMs,
  liveFile,
  putAtMs,
  serviceBehind,
} from '../../src/core/measures.ts';

test('an object was put at the time of its event, if that lies between last-modified − 1 s and the receipt', () => {
  const put = (eventTimeMs: number) => putAtMs({ eventTimeMs, lastModifiedMs: 10_000, receivedAtMs: 20_000 });
  expect([put(9_000), put(10_250), put(20_000)]).toEqual([9_000, 10_250, 20_000]);
  expect([put(8_999), put(20_001)]).toEqual([10_000, 10_000]);
});

test('put → visible is the time from the put to the commit, in four steps, and never negative', () => {
  const arrival = {
    ...{ eventTimeMs: 10_250, lastModifiedMs: 10_000 },
    ...{ sentAtMs: 10_300, receivedAtMs: 11_000, loadStartedAtMs: 13_000 },
  };
  expect(liveFile(arrival, 13_400)).toEqual({
    putToVisibleMs: 3_150,
    stepMs: { notify: 50, queue: 700, batch: 2_000, load: 400 },
  });
  expect(liveFile(arrival, 9_000)).toMatchObject({ putToVisibleMs: 0, stepMs: { load: 0 } });
  expect(liveFile({ ...arrival, sentAtMs: 10_200 }, 13_400).stepMs).toMatchObject({ notify: 0, queue: 800 });
});

test('what a listing brings is not measured: only S3 gives a sequencer; and what is expected follows from the settings', () => {
  expect([isMeasured({ sequencer: '0A' }), isMeasured({ sequencer: null })]).toEqual([true, false]);
  const limits = { lingerMs: 1, batchMaxAgeMs: 20, loadIntervalMs: 300, loadRest: 1, loadRestMaxMs: 4_000 };
  expect([expectedMs(limits), expectedMs({ ...limits, loadIntervalMs: 50_000 })]).toEqual([4_021, 50_021]);
});

test('a consumer is behind by the age of the oldest put that it holds; by 0 only after an empty receive', () => {
  const behind = (oldestPutHeldAtMs: number | null, lastReceiveWasEmpty: boolean) =>
    behindMs({ atMs: 10_000, oldestPutHeldAtMs, lastReceiveWasEmpty });
  expect(behind(4_000, true)).toBe(6_000);
  expect(behind(11_000, false)).toBe(0);
  expect(behind(null, true)).toBe(0);
  expect(behind(null, false)).toBeNull();
});

test('the service is behind by the most of its consumers, and by at least that while the queue has more', () => {
  expect(serviceBehind([100, 3_000], 0)).toEqual({ ms: 3_000, isAtLeast: false });
  expect(serviceBehind([100, 3_000], 7)).toEqual({ ms: 3_000, isAtLeast: true });
  expect(serviceBehind([100, null], 0)).toEqual({ ms: 100, isAtLeast: true });
  expect(serviceBehind([100], null)).toEqual({ ms: 100, isAtLeast: true });
  expect(serviceBehind([null], 0)).toBeNull();
  expect(serviceBehind([], 5)).toBeNull();
});

test('expected is linger, age and the longest rest or interval; behind is a problem above twice that and a minute', () => {
  const settings = { lingerMs: 2_000, batchMaxAgeMs: 30_000, loadRest: 1, loadRestMaxMs: 60_000 };
  expect(expectedMs({ ...settings, loadIntervalMs: 0 })).toBe(92_000);
  expect(expectedMs({ ...settings, loadIntervalMs: 900_000 })).toBe(932_000);
  expect(behindLimitMs(92_000)).toBe(244_000);
});

test('a load took the time of its stages', () => {
  expect(loadMs({ read: 20, stage: 300, publish: 4_000 })).toBe(4_320);
});

test('percentiles of added durations are at most 5 % too large', () => {
  const all = Array.from({ length: 1000 }, (_, index) => index + 1);
  const latencies = sumOfLatencies([withLatencies({}, all.slice(0, 300)), withLatencies({}, all.slice(300))]);
  for (const share of [0.5, 0.95, 1]) {
    const ms = percentileMs(latencies, share) ?? 0;
    expect(ms).toBeGreaterThanOrEqual(1000 * share - 1);
    expect(ms).toBeLessThanOrEqual(1050 * share);
  }
  expect(percentileMs({}, 0.5)).toBeNull();
});
