import { expect, test } from 'vitest';
import { isAlive, readiness } from '../../src/status/readiness.ts';
import type { ConsumerSnapshot } from '../../src/core/consumer-snapshot.ts';
import type { BatchId } from '../../src/core/load.ts';

const NOW_MS = 1_700_000_000_000;

function snapshot(change: Partial<ConsumerSnapshot>): ConsumerSnapshot {
  return {
    state: 'consuming',
    pauses: [],
    heldMessages: 0,
    heldFiles: 0,
    oldestHeldAtMs: null,
    receivers: 1,
    loadInFlight: null,
    batchesWaiting: 0,
    lastCommitAtMs: null,
    ...change,
  };
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

test('a load without an end makes it unready', () => {
  const loadInFlight = {
    batchId: 'b-1' as BatchId,
    lane: 'logs' as const,
    files: 1,
    state: 'loading' as const,
    attempt: 1,
    startedAtMs: NOW_MS - 11 * 60_000,
  };
  expect(readiness(snapshot({ loadInFlight }), NOW_MS)).toMatchObject({ ready: false });
  expect(readiness(snapshot({ loadInFlight: { ...loadInFlight, startedAtMs: NOW_MS } }), NOW_MS).ready).toBe(true);
});

test('only a consumer that has ended is not alive', () => {
  expect(isAlive(snapshot({ state: 'draining' }))).toBe(true);
  expect(isAlive(snapshot({ state: 'stopped' }))).toBe(false);
  expect(isAlive(snapshot({ state: 'failed' }))).toBe(false);
});
