import { expect, test } from 'vitest';
import { isAlive, readiness } from '../../src/observe/readiness.ts';
import type { ConsumerSnapshot } from '../../src/core/intake/consumer-snapshot.ts';
import type { BatchId } from '../../src/core/load.ts';
import { IDLE } from '../support/idle-snapshot.ts';

const NOW_MS = 1_700_000_000_000;

function snapshot(change: Partial<ConsumerSnapshot>): ConsumerSnapshot {
  return { ...IDLE, lastReceiveWasEmpty: false, ...change };
}

test('a consumer that consumes is ready, even before its first load', () => {
  expect(readiness(snapshot({}), NOW_MS)).toEqual({ ready: true });
});

test('a paused consumer is alive, not ready, and says since when and why', () => {
  const pause = { reason: 'load: warehouse_paused', sinceMs: NOW_MS, sentence: 'The cluster is paused; resume it.' };
  const paused = snapshot({ state: 'paused', pauses: [pause] });
  expect(readiness(paused, NOW_MS)).toEqual({
    ready: false,
    reason: 'paused: load: warehouse_paused since 2023-11-14T22:13:20.000Z: The cluster is paused; resume it.',
  });
  expect(isAlive(paused)).toBe(true);
});

test.each(['starting', 'draining', 'failing', 'stopped', 'failed'] as const)('while %s it is not ready', (state) => {
  expect(readiness(snapshot({ state }), NOW_MS).ready).toBe(false);
});

test('a receive that has had no answer for longer than a minute makes it unready', () => {
  const underWay = (ms: number) => readiness(snapshot({ receiveUnderWaySinceMs: NOW_MS - ms }), NOW_MS);
  expect(underWay(60_000)).toEqual({ ready: true });
  expect(underWay(61_000)).toEqual({ ready: false, reason: 'the queue has not answered a receive for 61 s' });
});

test('a load of hours is ready while it is answered, and unready a minute after the last answer', () => {
  const load = (lastAnsweredMs: number, phase: 'loading' | 'backing_off' = 'loading') => {
    const loadInFlight = {
      batchId: 'b-1' as BatchId,
      lane: 'logs' as const,
      files: 1,
      phase,
      attempt: 1,
      startedAtMs: NOW_MS - 3 * 3_600_000,
      lastAnsweredAtMs: NOW_MS - lastAnsweredMs,
    };
    return readiness(snapshot({ loadInFlight }), NOW_MS);
  };
  expect(load(31_000)).toEqual({ ready: true });
  expect(load(61_000)).toEqual({
    ready: false,
    reason: 'neither S3 nor the warehouse has answered the load of batch b-1 for 61 s',
  });
  expect(load(61_000, 'backing_off')).toEqual({ ready: true });
});

test('only a consumer that has ended is not alive', () => {
  expect(isAlive(snapshot({ state: 'draining' }))).toBe(true);
  expect(isAlive(snapshot({ state: 'stopped' }))).toBe(false);
  expect(isAlive(snapshot({ state: 'failed' }))).toBe(false);
});
