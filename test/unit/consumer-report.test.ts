import { expect, test } from 'vitest';
import type { Drift } from '../../src/core/drift.ts';
import { sumOfDrifts } from '../../src/core/drift.ts';
import type { IngestEvent } from '../../src/core/events.ts';
import type { ConsumerMemory } from '../../src/core/intake/consumer-report.ts';
import { consumerReport, isReportDue, NO_MEMORY, remember } from '../../src/core/intake/consumer-report.ts';
import type { ConsumerSnapshot } from '../../src/core/intake/consumer-snapshot.ts';
import type { BatchId, LoadOutcome } from '../../src/core/load.ts';
import { IDLE as idle } from '../support/idle-snapshot.ts';

const START_MS = 1_700_000_000_000;
const MINUTE_MS = 60_000;
const batchId = 'batch-1' as BatchId;
const WHO = { consumer: 'c-1', version: '1.2.3', queueUrl: 'https://sqs/1/q', startedAtMs: START_MS };

const IDLE: ConsumerSnapshot = { ...idle, receiveUnderWaySinceMs: START_MS };

const LOADING: ConsumerSnapshot = {
  ...IDLE,
  loadInFlight: {
    batchId,
    lane: 'logs',
    files: 3,
    phase: 'loading',
    attempt: 1,
    startedAtMs: START_MS,
    lastAnsweredAtMs: START_MS,
  },
};

const finished = (stage: 'read' | 'stage') =>
  ({ kind: 'load.stage_finished', batchId, stage, ms: 1, readBytes: 0 }) as const;

const COMMITTED: IngestEvent = {
  kind: 'load.committed',
  lane: 'logs',
  source: 'live',
  reason: 'idle',
  outcome: {} as LoadOutcome,
  restedMs: 0,
  liveFiles: [100, 200].map((putToVisibleMs) => ({
    putToVisibleMs,
    stepMs: { notify: 0, queue: 0, batch: 0, load: putToVisibleMs },
  })),
};

/** Events at minutes after the start. */
function memoryOf(...events: readonly (readonly [number, IngestEvent])[]): ConsumerMemory {
  return events.reduce(
    (memory, [minutes, event]) => remember(memory, event, START_MS + minutes * MINUTE_MS),
    NO_MEMORY,
  );
}

const reportAt = (minutes: number, memory: ConsumerMemory, snapshot: ConsumerSnapshot = IDLE) =>
  consumerReport(WHO, snapshot, memory, START_MS + minutes * MINUTE_MS);

test('the report names the stage of the load in flight, and the time of the next attempt while the load waits', () => {
  expect(reportAt(0, NO_MEMORY, LOADING)).toMatchObject({ stage: 'read', nextTryAtMs: null });
  expect(reportAt(0, memoryOf([0, finished('read')]), LOADING).stage).toBe('stage');
  expect(reportAt(0, memoryOf([0, finished('stage')]), LOADING).stage).toBe('publish');
  expect(reportAt(0, memoryOf([0, finished('stage')]), IDLE).stage).toBeNull();
  const retried = {
    kind: 'load.retried',
    batchId,
    code: 'throttled',
    attempt: 1,
    delayMs: 5_000,
    sentence: 's',
  } as const;
  const memory = memoryOf([0, retried]);
  const waiting = { ...LOADING, loadInFlight: { ...LOADING.loadInFlight, phase: 'waiting' } } as ConsumerSnapshot;
  expect(reportAt(0, memory, waiting)).toMatchObject({ stage: null, nextTryAtMs: START_MS + 5_000 });
});

test('pauses, rests and latencies of the last hour are in the report, older ones are not', () => {
  const memory = memoryOf(
    [0, { kind: 'intake.paused', reason: 'load: disk_full', sentence: 'The disk is full.' }],
    [1, { kind: 'intake.resumed', reason: 'load: disk_full', pausedMs: MINUTE_MS }],
    [2, { kind: 'rest.begun', reason: 'load', remainingMs: 700 }],
    [3, { kind: 'rest.begun', reason: 'load', remainingMs: 300 }],
    [4, COMMITTED],
    [50, COMMITTED],
    [51, { kind: 'intake.paused', reason: 'queue: throttled', sentence: 'Slow down.' }],
  );
  const { lastHour } = reportAt(52, memory);
  expect(lastHour.pauses.map(({ reason, untilMs }) => [reason, untilMs])).toEqual([
    ['load: disk_full', START_MS + MINUTE_MS],
    ['queue: throttled', null],
  ]);
  expect(lastHour.rests).toEqual([{ reason: 'load', count: 2, totalMs: 1_000 }]);
  expect(Object.values(lastHour.putToVisible)).toEqual([2, 2]);
  const later = reportAt(120, memory).lastHour;
  expect(later.pauses.map(({ reason }) => reason)).toEqual(['queue: throttled']);
  expect(later).toMatchObject({ rests: [], putToVisible: {} });
});

test('a report is due at a change and after a minute without one; polls are not a change', () => {
  const first = reportAt(0, NO_MEMORY);
  expect(isReportDue(first, null)).toBe(true);
  const polled = { ...reportAt(0.5, NO_MEMORY), receiveUnderWaySinceMs: START_MS + 20_000, receivers: 2 };
  expect(isReportDue(polled, first)).toBe(false);
  expect(isReportDue({ ...polled, heldFiles: 1 }, first)).toBe(true);
  expect(isReportDue(reportAt(1, NO_MEMORY), first)).toBe(true);
  expect(isReportDue(reportAt(-1, NO_MEMORY), first)).toBe(true);
});

test('drift adds up by dataset, change and key, with the first example, for a limited number of keys', () => {
  const drift = (key: string, count: number, lineNumber: number): Drift => ({
    dataset: 'logs',
    change: 'unknown',
    key,
    count,
    example: { bucket: 'b', key: 'k', lineNumber },
  });
  expect(sumOfDrifts([drift('device', 2, 1)], [drift('device', 3, 9)])).toEqual([drift('device', 5, 1)]);
  const many = Array.from({ length: 500 }, (_, index) => drift(`key ${index}`, 1, 1));
  expect(sumOfDrifts([], many)).toHaveLength(100);
  const told = many
    .slice(0, 2)
    .map((one): [number, IngestEvent] => [0, { kind: 'schema.drifted', drift: one, isFirst: true }]);
  expect(reportAt(1, memoryOf(...told)).drift).toHaveLength(2);
});
