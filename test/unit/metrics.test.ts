import { expect, test } from 'vitest';
import { ERROR_POLICY } from '../../src/core/verdict.ts';
import type { IngestEvent } from '../../src/core/events.ts';
import type { ConsumerSnapshot } from '../../src/core/intake/consumer-snapshot.ts';
import type { BatchId, LoadOutcome } from '../../src/core/load.ts';
import type { StatementResult, Warehouse } from '../../src/core/ports.ts';
import { ConsumerMetrics } from '../../src/observe/metrics/consumer-metrics.ts';
import { countedWarehouse } from '../../src/observe/metrics/counted-warehouse.ts';
import { LABELS } from '../../src/observe/metrics/labels.ts';
import { IDLE } from '../support/idle-snapshot.ts';

const batchId = 'b-0123456789' as BatchId;
const START_MS = 1_700_000_000_000;

/** Metrics on a clock that a test moves; `value` scrapes. */
function measuring() {
  let nowMs = START_MS;
  const metrics = new ConsumerMetrics({ version: '1.2.3', expectedMs: 92_000, nowMs: () => nowMs });
  const pass = (ms: number) => (nowMs += ms);
  const lines = async (snapshot: ConsumerSnapshot = IDLE): Promise<readonly string[]> => {
    pass(1_000);
    const text = await metrics.text(snapshot);
    return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  };
  const value = async (series: string, snapshot?: ConsumerSnapshot): Promise<number | null> => {
    const line = (await lines(snapshot)).find((one) => one.startsWith(`sparkify_${series} `));
    return line === undefined ? null : Number(line.split(' ').at(-1));
  };
  const record = (...events: readonly IngestEvent[]): void => {
    for (const event of events) metrics.record(event);
  };
  return { metrics, pass, record, lines, value, nowMs: () => nowMs };
}

const committed = (statuses: readonly ('loaded' | 'quarantined')[]): IngestEvent => ({
  ...{ kind: 'load.committed', lane: 'logs', source: 'live', reason: 'idle', restedMs: 0 },
  liveFiles: [{ putToVisibleMs: 3_150, stepMs: { notify: 50, queue: 700, batch: 2_000, load: 400 } }],
  outcome: {
    files: statuses.map((status) => ({ status, file: {}, reason: null, lastModifiedMs: null })),
    counts: { staged: 9, rejected: 1, inserted: 5, updated: 2, repaired: 0, removed: 0 },
  } as unknown as LoadOutcome,
});

test('a commit counts its files and rows by dataset and outcome, and every live file from its put', async () => {
  const { record, value } = measuring();
  expect(await value('files_settled_total{dataset="logs",outcome="loaded"}')).toBe(0);
  record(committed(['loaded', 'loaded', 'quarantined']));
  expect(await value('files_settled_total{dataset="logs",outcome="loaded"}')).toBe(2);
  expect(await value('files_settled_total{dataset="logs",outcome="quarantined"}')).toBe(1);
  expect(await value('rows_total{dataset="logs",outcome="inserted"}')).toBe(5);
  expect(await value('rows_total{dataset="logs",outcome="rejected"}')).toBe(1);
  expect(await value('put_to_visible_seconds_sum{dataset="logs"}')).toBe(3.15);
  expect(await value('put_to_visible_seconds_bucket{le="2.5",dataset="logs"}')).toBe(0);
  expect(await value('put_to_visible_seconds_bucket{le="5",dataset="logs"}')).toBe(1);
  expect(await value('file_step_seconds_sum{dataset="logs",step="queue"}')).toBe(0.7);
});

test('messages, batches, loads and stages are counted by what became of them', async () => {
  const { record, value } = measuring();
  record(
    { kind: 'message.received', count: 10, heldFiles: 10 },
    { kind: 'message.parked', count: 1 },
    { kind: 'message.deleted', count: 7 },
    { kind: 'message.released', count: 2, reason: 'r', afterSeconds: 0 },
    { kind: 'message.kept', action: 'delete', count: 1, reason: null },
    { kind: 'lease.lost', count: 3, code: 'ReceiptHandleIsInvalid' },
    { kind: 'batch.closed', batchId, lane: 'songs', files: 1, bytes: 1, reason: 'age' },
    { kind: 'load.retried', batchId, code: 'throttled', attempt: 1, delayMs: 1, sentence: 's' },
    { kind: 'load.failed', batchId, lane: 'logs', code: 'access_denied', sentence: 's' },
    { kind: 'load.stage_finished', batchId, stage: 'read', ms: 500, readBytes: 4_096 },
  );
  expect(await value('messages_received_total')).toBe(10);
  expect(await value('messages_parked_total')).toBe(1);
  for (const [result, count] of Object.entries({ deleted: 7, released: 2, kept: 1 })) {
    expect(await value(`messages_ended_total{result="${result}"}`)).toBe(count);
  }
  expect(await value('leases_lost_total')).toBe(3);
  expect(await value('batches_closed_total{dataset="songs",reason="age"}')).toBe(1);
  expect(await value('loads_retried_total{code="throttled"}')).toBe(1);
  expect(await value('loads_failed_total{code="access_denied"}')).toBe(1);
  expect(await value('load_stage_seconds_sum{stage="read"}')).toBe(0.5);
  expect(await value('read_bytes_total')).toBe(4_096);
});

test('a pause and a rest count while they last, and not again at their end', async () => {
  const { pass, record, value } = measuring();
  const pause = 'pause_seconds_total{side="load",code="warehouse_paused"}';
  const paused = 'paused{side="load",code="warehouse_paused"}';
  expect([await value(pause), await value(paused)]).toEqual([0, 0]);
  record({ kind: 'intake.paused', reason: 'load: warehouse_paused', sentence: 's' });
  pass(59_000);
  expect([await value(pause), await value(paused)]).toEqual([60, 1]);
  pass(8_000);
  record({ kind: 'intake.resumed', reason: 'load: warehouse_paused', pausedMs: 69_000 });
  pass(100_000);
  expect([await value(pause), await value(paused)]).toEqual([69, 0]);

  record({ kind: 'rest.begun', reason: 'interval', remainingMs: 600_000 });
  pass(299_000);
  expect(await value('rest_seconds_total{reason="interval"}')).toBe(300);
  record({ kind: 'rest.ended', reason: 'interval', restedMs: 300_000 });
  pass(-1_000_000);
  expect(await value('rest_seconds_total{reason="interval"}')).toBe(300);
});

test('behind is the age of the oldest held put, 0 after an empty receive, and otherwise absent', async () => {
  const { nowMs, value } = measuring();
  expect(await value('expected_seconds')).toBe(92);
  expect(await value('behind_seconds')).toBe(0);
  expect(await value('behind_seconds', { ...IDLE, oldestPutHeldAtMs: nowMs() - 6_000 })).toBe(7);
  expect(await value('behind_seconds', { ...IDLE, lastReceiveWasEmpty: false })).toBeNull();
  expect(await value('behind_seconds')).toBe(0);
});

test('the state, what is held and the load in flight are those of the moment', async () => {
  const { nowMs, value } = measuring();
  expect(await value('last_commit_timestamp_seconds')).toBeNull();
  const load = { batchId, lane: 'logs', files: 3, phase: 'waiting', attempt: 2 } as const;
  const snapshot: ConsumerSnapshot = {
    ...{ ...IDLE, state: 'paused', heldMessages: 2, heldFiles: 3, oldestHeldAtMs: START_MS, lastCommitAtMs: START_MS },
    loadInFlight: { ...load, startedAtMs: nowMs(), lastAnsweredAtMs: nowMs() },
  };
  const scraped = async (series: string) => await value(series, snapshot);
  expect(await scraped('consumer_state{state="paused"}')).toBe(1);
  expect(await scraped('consumer_state{state="consuming"}')).toBe(0);
  expect([await scraped('held_messages'), await scraped('held_files')]).toEqual([2, 3]);
  expect(await scraped('oldest_held_seconds')).toBe((nowMs() - START_MS) / 1000);
  expect(await scraped('load_in_flight_seconds')).toBeGreaterThan(0);
  expect(await scraped('last_commit_timestamp_seconds')).toBe(START_MS / 1000);
  expect(await value('load_in_flight_seconds')).toBe(0);
});

test('what the ledger says is open is absent until the ledger was read', async () => {
  const { metrics, nowMs, value } = measuring();
  expect(await value('open_quarantined_files{dataset="logs"}')).toBeNull();
  metrics.recordLedger([{ dataset: 'logs', openQuarantined: 2, openRejected: 1 }]);
  const readAt = nowMs() / 1000;
  expect(await value('open_quarantined_files{dataset="logs"}')).toBe(2);
  expect(await value('open_rejected_files{dataset="logs"}')).toBe(1);
  expect(await value('open_quarantined_files{dataset="songs"}')).toBe(0);
  expect(await value('ledger_read_timestamp_seconds')).toBe(readAt);
});

test('statements and their time are counted by the transaction that they belong to', async () => {
  const { metrics, value } = measuring();
  const results = [100, 400].map((durationMs) => ({ durationMs }) as StatementResult);
  const session = {
    transaction: () => Promise.resolve(results),
    rows: () => Promise.resolve([]),
    reset: () => undefined,
  };
  const warehouse: Warehouse = { openSession: () => session, roundTrips: () => 0 };
  const counted = countedWarehouse(warehouse, (name, ended) => metrics.recordStatements(name, ended)).openSession();
  const input = { token: 't', statements: [], isLasting: false, signal: new AbortController().signal };
  await counted.transaction({ ...input, name: `sparkify publish ${batchId}` });
  await counted.transaction({ ...input, name: 'sparkify doctor' });
  expect(await value('statements_total{kind="publish"}')).toBe(2);
  expect(await value('warehouse_seconds_total{kind="publish"}')).toBe(0.5);
  expect(await value('statements_total{kind="other"}')).toBe(2);
});

test('the text is written at most once in a second, however many programs scrape', async () => {
  const { metrics, pass, record } = measuring();
  const first = await metrics.text(IDLE);
  record({ kind: 'message.received', count: 1, heldFiles: 1 });
  pass(999);
  expect(await metrics.text(IDLE)).toBe(first);
  pass(1);
  expect(await metrics.text(IDLE)).not.toBe(first);
});

test('there are at most 600 series, and no event adds one to the labels that are known', async () => {
  const { lines, metrics, record } = measuring();
  metrics.recordLedger([]);
  const busy: ConsumerSnapshot = { ...IDLE, lastCommitAtMs: START_MS };
  const own = async () => (await lines(busy)).filter((line) => line.startsWith('sparkify_')).length;
  const before = await own();
  const codes = (kinds: readonly string[]) =>
    Object.entries(ERROR_POLICY).flatMap(([code, { then }]) =>
      kinds.includes(then.kind) ? [code as 'throttled'] : [],
    );
  record(
    ...codes(['retry', 'wait']).flatMap((code): IngestEvent[] => [
      { kind: 'load.retried', batchId, code, attempt: 1, delayMs: 1, sentence: 's' },
      { kind: 'intake.paused', reason: `load: ${code}`, sentence: 's' },
      { kind: 'intake.paused', reason: `queue: ${code}`, sentence: 's' },
    ]),
    ...codes(['retry', 'stop']).map((code): IngestEvent => ({
      kind: 'load.failed',
      batchId,
      lane: 'logs',
      code,
      sentence: 's',
    })),
    ...LABELS.closeReason.flatMap((reason) =>
      LABELS.dataset.map((lane): IngestEvent => ({ kind: 'batch.closed', batchId, lane, files: 1, bytes: 1, reason })),
    ),
    committed(['loaded', 'quarantined']),
  );
  metrics.recordStatements('sparkify look', []);
  metrics.recordStatements('anything', []);
  expect(await own()).toBe(before);
  expect((await lines(busy)).length).toBeLessThanOrEqual(600);
});
