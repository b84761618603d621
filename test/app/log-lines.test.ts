import { expect, test } from 'vitest';
import { jsonLogger, terminalLogger } from '../../src/observe/logger.ts';
import type { IngestEvent } from '../../src/core/events.ts';
import type { BatchId } from '../../src/core/load.ts';

const batchId = '20261121T120000-abc' as BatchId;

const COMMITTED: IngestEvent = {
  kind: 'load.committed',
  lane: 'logs',
  source: 'live',
  reason: 'idle',
  restedMs: 4_200,
  liveFiles: [900, 1_100, 8_000].map((putToVisibleMs) => ({
    putToVisibleMs,
    stepMs: { notify: 0, queue: 0, batch: 0, load: putToVisibleMs },
  })),
  outcome: {
    batchId,
    files: [
      {
        file: {
          change: 'put',
          bucket: 'b',
          key: 'log_data/secret-name.json',
          etag: 'e',
          versionId: null,
          sequencer: null,
          size: 1,
          eventTimeMs: 0,
        },
        status: 'loaded',
        reason: null,
        lastModifiedMs: 0,
      },
    ],
    counts: { staged: 3, rejected: 1, inserted: 2, updated: 0, repaired: 4, removed: 0 },
    stageMs: { read: 100, stage: 400, publish: 200 },
    roundTrips: 8,
    warehouseMs: 512.345,
    lockedMs: 200,
    liveConsumers: 2,
    released: [],
    committedAtMs: 0,
  },
};

function json(events: readonly IngestEvent[], level: 'debug' | 'info' | 'warn' = 'info'): Record<string, unknown>[] {
  const lines: string[] = [];
  const emit = jsonLogger({ level, consumer: 'c-1', stream: { write: (text) => void lines.push(text) } });
  for (const event of events) emit(event);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('a committed batch is one info line with all its numbers', () => {
  const [line, ...more] = json([COMMITTED]);
  expect(more).toEqual([]);
  expect(line).toMatchObject({
    level: 'info',
    consumer: 'c-1',
    event: 'load.committed',
    batchId,
    lane: 'logs',
    reason: 'idle',
    files: 1,
    rows: { staged: 3, rejected: 1, inserted: 2, updated: 0, repaired: 4, removed: 0 },
    stageMs: { read: 100, stage: 400, publish: 200 },
    loadMs: 700,
    roundTrips: 8,
    warehouseMs: 512,
    liveConsumers: 2,
    restedMs: 4_200,
    putToVisible: { p50Ms: 1_125, maxMs: 8_000 },
  });
  expect(Date.parse(String(line?.['time']))).toBeGreaterThan(0);
});

test('messages and stages are debug lines, so that a quiet log stays quiet', () => {
  const events: IngestEvent[] = [
    { kind: 'message.received', count: 10, heldFiles: 10 },
    { kind: 'load.stage_finished', batchId, stage: 'read', ms: 5, readBytes: 10 },
    { kind: 'message.deleted', count: 10 },
  ];
  expect(json(events)).toEqual([]);
  expect(json(events, 'debug').map((line) => line['event'])).toEqual(events.map(({ kind }) => kind));
});

test('the numbers of each minute are a line of machines at every level', () => {
  const measured: IngestEvent = {
    kind: 'consumer.measured',
    ...{ state: 'paused', heldFiles: 1, oldestHeldMs: 1, behindMs: null, expectedMs: 92_000, pausedMs: 8_000 },
    counts: {
      ...{ loadsFailed: 1, loadsRetried: 2, filesSettled: 30, filesQuarantined: 4 },
      ...{ rowsRejected: 5, rowsRemoved: 6, messagesParked: 7 },
    },
    putToVisible: { files: 30, p50Ms: 1_000, p95Ms: 2_345 },
    ...{ openQuarantined: null, openRejected: null },
  };
  const [line] = json([measured], 'warn');
  expect(line).toMatchObject({
    event: 'consumer.measured',
    level: 'info',
    counts: { loadsFailed: 1, filesSettled: 30 },
    behindMs: null,
  });
  const shown: string[] = [];
  terminalLogger({ level: 'debug', nowMs: () => 0, write: (text) => void shown.push(text) })(measured);
  expect(shown).toEqual([]);
});

test('a message that is kept is a warning that says what will happen to the message', () => {
  const events: IngestEvent[] = [
    { kind: 'message.kept', action: 'delete', count: 3, reason: 'DeleteMessage was denied.' },
    { kind: 'message.kept', action: 'park', count: 1, reason: 'SendMessage failed: no answer.' },
    { kind: 'message.kept', action: 'release', count: 2, reason: null },
  ];
  expect(json(events, 'warn').map((line) => line['msg'])).toEqual([
    'could not delete 3 messages (DeleteMessage was denied); SQS will redeliver them',
    'could not move 1 message to the dead-letter queue (SendMessage failed: no answer); SQS will redeliver it',
    'could not release 2 messages; SQS will redeliver them',
  ]);
});

test('a rest that somebody could notice is an info line with its reason and what is left of it', () => {
  const rest = { kind: 'rest.begun', reason: 'interval', remainingMs: 90_000 } as const;
  expect(json([rest, { ...rest, remainingMs: 999 }])).toMatchObject([
    { ...{ level: 'info', event: 'rest.begun', reason: 'interval', remainingMs: 90_000 } },
  ]);
});

test('a quarantined file is a warning with its name and reason', () => {
  const event: IngestEvent = { kind: 'file.quarantined', batchId, bucket: 'b', key: 'k', reason: 'line 3: no JSON' };
  expect(json([event], 'warn')).toMatchObject([{ level: 'warn', bucket: 'b', key: 'k', reason: 'line 3: no JSON' }]);
});

test('a character that moves or reverses what a terminal shows is escaped, and is read back as it was', () => {
  const lines: string[] = [];
  const emit = jsonLogger({ level: 'warn', consumer: 'c-1', stream: { write: (text) => void lines.push(text) } });
  const key = 'log_data/\\\u202egpj.\u009b31m\u{e0001}\u2028\u001b\u007f.json';
  emit({ kind: 'file.quarantined', batchId, bucket: 'b', key, reason: key });
  expect(lines).toHaveLength(1);
  expect(lines[0]?.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ key, reason: key, msg: `quarantined s3://b/${key}: ${key}` });
});

test('a person reads one sentence a line', () => {
  const lines: string[] = [];
  const emit = terminalLogger({ level: 'info', nowMs: () => 0, write: (text) => void lines.push(text) });
  emit(COMMITTED);
  emit({ kind: 'message.deleted', count: 1 });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(
    'logs: 1 file (idle) in 700 ms; rows: 2 new, 4 repaired, 1 rejected (read 100, stage 400, publish 200 ms, 8 round trips; rested 4.2 s before)\n',
  );
});
