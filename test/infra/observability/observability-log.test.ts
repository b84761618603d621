import { describe, expect, it } from 'vitest';
import { METRIC_FILTERS, defaultValue } from '../../../infra/observability/metric-filters.ts';
import type { LogMetric } from '../../../infra/observability/metric-filters.ts';
import type { IngestEvent } from '../../../src/core/events.ts';
import type { BatchId, LoadOutcome } from '../../../src/core/load.ts';
import { jsonLogger } from '../../../src/observe/logger.ts';
import { matchesPattern, metricValue } from '../support/filter-pattern.ts';

const batchId = 'b-0123456789' as BatchId;
const outcome: LoadOutcome = {
  batchId,
  files: [],
  released: [],
  counts: { staged: 10, rejected: 3, inserted: 7, updated: 1, repaired: 2, removed: 0 },
  stageMs: { read: 0, stage: 2, publish: 3 },
  roundTrips: 8,
  warehouseMs: 2_000,
  lockedMs: 900,
  liveConsumers: 1,
  committedAtMs: 0,
};
const stepMs = { notify: 0, queue: 0, batch: 0, load: 0 };
const liveFile = (putToVisibleMs: number) => ({ putToVisibleMs, stepMs });
const committed = {
  source: 'live',
  reason: 'idle',
  outcome,
  restedMs: 0,
  liveFiles: [liveFile(2_345), liveFile(1_000)],
} as const;

/** One of every kind; the compiler insists on all of them. Sentences name other events, to lead a sloppy pattern astray. */
const EVENTS: { readonly [K in IngestEvent['kind']]: Extract<IngestEvent, { kind: K }> } = {
  'consumer.measured': {
    kind: 'consumer.measured',
    ...{ state: 'paused', heldFiles: 1, oldestHeldMs: 1, behindMs: 7_000, expectedMs: 92_000, pausedMs: 8_000 },
    counts: {
      ...{ loadsFailed: 1, loadsRetried: 2, filesSettled: 30, filesQuarantined: 4 },
      ...{ rowsRejected: 5, rowsRemoved: 6, messagesParked: 7 },
    },
    putToVisible: { files: 30, p50Ms: 1_000, p95Ms: 2_345 },
    ...{ openQuarantined: 9, openRejected: 10 },
  },
  'process.warned': { kind: 'process.warned', sentence: 'consumer.measured' },
  'consumer.started': {
    kind: 'consumer.started',
    consumer: 'consumer.measured',
    queueUrl: 'https://sqs/1/consumer.measured',
  },
  'consumer.draining': { kind: 'consumer.draining', reason: 'SIGTERM', deadlineMs: 0 },
  'consumer.stopped': { kind: 'consumer.stopped', leftMessages: 1, leftFiles: 2 },
  'message.received': { kind: 'message.received', count: 1, heldFiles: 1 },
  'message.test_event': { kind: 'message.test_event', messageId: 'm' },
  'message.unreadable': { kind: 'message.unreadable', messageId: 'm', reason: 'load.failed file.quarantined' },
  'message.deleted': { kind: 'message.deleted', count: 1 },
  'message.parked': { kind: 'message.parked', count: 1 },
  'message.released': { kind: 'message.released', count: 1, reason: 'load.failed', afterSeconds: 45 },
  'message.kept': { kind: 'message.kept', action: 'park', count: 1, reason: 'load.failed' },
  'message.retried': {
    kind: 'message.retried',
    action: 'delete',
    count: 1,
    delayMs: 1,
    sentence: 'load.failed load.committed',
  },
  'lease.renewed': { kind: 'lease.renewed', count: 1 },
  'lease.lost': { kind: 'lease.lost', count: 1, code: 'load.failed' },
  'intake.paused': { kind: 'intake.paused', reason: 'warehouse', sentence: 'after load.failed' },
  'intake.resumed': { kind: 'intake.resumed', reason: 'warehouse', pausedMs: 1 },
  'batch.closed': { kind: 'batch.closed', batchId, lane: 'logs', files: 1, bytes: 1, reason: 'idle' },
  'rest.begun': { kind: 'rest.begun', reason: 'load', remainingMs: 2_000 },
  'rest.ended': { kind: 'rest.ended', reason: 'load', restedMs: 2_000 },
  'load.stage_finished': { kind: 'load.stage_finished', batchId, stage: 'read', ms: 1, readBytes: 1 },
  'load.parts_left': { kind: 'load.parts_left', batchId, count: 1, sentence: 'load.failed' },
  'load.retried': {
    kind: 'load.retried',
    batchId,
    code: 'throttled',
    attempt: 1,
    delayMs: 1,
    sentence: 'load.failed load.committed',
  },
  'load.rows_removed': { kind: 'load.rows_removed', batchId, removed: 2, of: 3, keys: ['load.failed'] },
  'load.committed': { kind: 'load.committed', lane: 'logs', ...committed },
  'load.strays_ignored': {
    kind: 'load.strays_ignored',
    batchId,
    count: 1,
    example: 's3://b/load.failed',
    sentence: 'load.committed',
  },
  'load.failed': { kind: 'load.failed', batchId, lane: 'logs', code: 'access_denied', sentence: 'load.committed' },
  'file.quarantined': { kind: 'file.quarantined', batchId, bucket: 'b', key: 'load.failed', reason: 'broken' },
  'sweep.ended': { kind: 'sweep.ended', listed: 2, loaded: 1 },
  'sweep.gone': { kind: 'sweep.gone', count: 1, shown: ['s3://b/load.failed'] },
  'schema.drifted': {
    kind: 'schema.drifted',
    isFirst: true,
    drift: {
      dataset: 'logs',
      change: 'unknown',
      key: 'load.failed',
      count: 1,
      example: { bucket: 'b', key: 'file.missing', lineNumber: 1 },
    },
  },
  'file.missing': { kind: 'file.missing', batchId, bucket: 'b', key: 'file.quarantined' },
};

/** The line that the consumer writes in a container. */
function logLine(event: IngestEvent): string {
  const lines: string[] = [];
  const stream = { write: (text: string) => void lines.push(text) };
  jsonLogger({ level: 'debug', consumer: 'ip-10-42-0-7', stream })(event);
  const [line = ''] = lines;
  return line;
}

function filter(metric: LogMetric) {
  const found = METRIC_FILTERS.find((it) => it.metric === metric);
  if (found === undefined) throw new Error(metric);
  return found;
}

describe('metrics from the log', () => {
  it.each(METRIC_FILTERS.map(({ metric }) => metric))(
    '%s is made of the line of each minute, and of no other',
    (metric) => {
      const { pattern } = filter(metric);
      const matching = Object.values(EVENTS).filter((event) => matchesPattern(pattern, logLine(event)));
      expect(matching.map(({ kind }) => kind)).toEqual(['consumer.measured']);
    },
  );

  it('find their numbers in the line', () => {
    const line = logLine(EVENTS['consumer.measured']);
    const values = METRIC_FILTERS.map(({ metric, value }) => [metric, metricValue(value, line)]);
    expect(Object.fromEntries(values)).toEqual({
      LoadsFailed: 1,
      LoadsRetried: 2,
      FilesSettled: 30,
      FilesQuarantined: 4,
      RowsRejected: 5,
      RowsRemoved: 6,
      PutToVisibleMilliseconds: 2_345,
      BehindMilliseconds: 7_000,
      ExpectedMilliseconds: 92_000,
      PausedMilliseconds: 8_000,
      FilesQuarantinedOpen: 9,
    });
  });

  it('have no value while it is unknown', () => {
    const unknown = { behindMs: null, openQuarantined: null, putToVisible: { files: 0, p50Ms: null, p95Ms: null } };
    const line = logLine({ ...EVENTS['consumer.measured'], ...unknown });
    const matching = METRIC_FILTERS.filter(({ pattern }) => matchesPattern(pattern, line)).map(({ metric }) => metric);
    for (const metric of ['BehindMilliseconds', 'FilesQuarantinedOpen', 'PutToVisibleMilliseconds'] as const) {
      expect(matching).not.toContain(metric);
    }
    expect(matching).toContain('FilesSettled');
  });

  it('ignore lines that are not JSON', () => {
    for (const { pattern } of METRIC_FILTERS) {
      expect(matchesPattern(pattern, 'sparkify: the queue does not exist "event":"consumer.measured"')).toBe(false);
    }
  });

  it('have no value for other lines, and 0 for what adds up', () => {
    expect(defaultValue(filter('BehindMilliseconds'))).toBeNull();
    expect(defaultValue(filter('FilesQuarantinedOpen'))).toBeNull();
    expect(defaultValue(filter('FilesSettled'))).toBe('0');
  });
});
