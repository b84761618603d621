import { expect, test } from 'vitest';
import type { IngestEvent } from '../../src/core/events.ts';
import { measured, NOTHING_DONE, tally } from '../../src/core/intake/tally.ts';
import type { BatchId, LoadOutcome } from '../../src/core/load.ts';
import { measureMinutes } from '../../src/observe/measure-minutes.ts';
import { IDLE } from '../support/idle-snapshot.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const batchId = 'b-0123456789' as BatchId;
const NOW = { atMs: 1_000_000, snapshot: IDLE, expectedMs: 92_000, open: null };

const committed = (lane: 'logs' | 'ignored'): IngestEvent => ({
  ...{ kind: 'load.committed', lane, source: 'live', reason: 'idle', restedMs: 0 },
  liveFiles: [1_000, 1_000, 9_000].map((ms) => ({
    putToVisibleMs: ms,
    stepMs: { notify: 0, queue: 0, batch: 0, load: ms },
  })),
  outcome: {
    files: (['loaded', 'quarantined'] as const).map((status) => ({ status })),
    counts: { staged: 9, rejected: 1, inserted: 5, updated: 2, repaired: 0, removed: 3 },
  } as unknown as LoadOutcome,
});

test('the tally has what was done, without files that belong to no dataset', () => {
  const events: readonly IngestEvent[] = [
    committed('logs'),
    committed('ignored'),
    committed('logs'),
    { kind: 'load.retried', batchId, code: 'throttled', attempt: 1, delayMs: 1, sentence: 's' },
    { kind: 'load.failed', batchId, lane: 'logs', code: 'access_denied', sentence: 's' },
    { kind: 'message.parked', count: 2 },
  ];
  expect(measured(events.reduce(tally, NOTHING_DONE), NOW)).toMatchObject({
    counts: {
      ...{ filesSettled: 4, filesQuarantined: 2, rowsRejected: 2, rowsRemoved: 6 },
      ...{ loadsRetried: 1, loadsFailed: 1, messagesParked: 2 },
    },
    putToVisible: { files: 6 },
  });
});

test('the numbers are those of the moment, and null where they are unknown', () => {
  expect(measured(NOTHING_DONE, NOW)).toMatchObject({
    ...{ state: 'consuming', behindMs: 0, expectedMs: 92_000, pausedMs: 0, oldestHeldMs: 0, openQuarantined: null },
    putToVisible: { files: 0, p50Ms: null, p95Ms: null },
  });
  const paused = {
    ...{ ...IDLE, state: 'paused' as const, lastReceiveWasEmpty: false, heldFiles: 3 },
    ...{ oldestHeldAtMs: 900_000, oldestPutHeldAtMs: 890_000 },
    pauses: [
      { reason: 'load: disk_full', sinceMs: 940_000, sentence: 's' },
      { reason: 'queue: throttled', sinceMs: 990_000, sentence: 's' },
    ],
  };
  const open = { quarantined: 2, rejected: 1 };
  expect(measured(NOTHING_DONE, { ...NOW, snapshot: paused, open })).toMatchObject({
    ...{ behindMs: 110_000, pausedMs: 60_000, oldestHeldMs: 100_000, openQuarantined: 2, openRejected: 1 },
  });
  expect(measured(NOTHING_DONE, { ...NOW, snapshot: { ...IDLE, lastReceiveWasEmpty: false } }).behindMs).toBeNull();
});

test('the numbers are emitted once a minute, and once more at the end', async () => {
  const clock = new VirtualClock();
  const ended = new AbortController();
  const events: IngestEvent[] = [];
  const measure = () => measured(NOTHING_DONE, NOW);
  const end = measureMinutes({ clock, emit: (event) => void events.push(event), measure }, ended.signal);
  await clock.advance(179_000);
  expect(events.map(({ kind }) => kind)).toEqual(['consumer.measured', 'consumer.measured']);
  ended.abort();
  await end;
  expect(events).toHaveLength(3);
});
