import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { IngestError } from '../../src/core/errors.ts';
import type { Warehouse, WarehouseSession } from '../../src/core/ports.ts';
import { aBatch, startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import type { CallFate } from '../support/losing-proxy.ts';
import { startLosingProxy } from '../support/losing-proxy.ts';
import { RELOADED } from '../support/retracting.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack();
const NEVER = new AbortController().signal;

async function twoFiles(loading: Loading) {
  return [
    await loading.put('log_data/a.json', lines(aPlay({ sessionId: 1 }), aPlay({ sessionId: 2 }))),
    await loading.put('log_data/b.json', lines(aPlay({ sessionId: 3 }))),
  ];
}

test('the same batch loaded by two loaders at once is in the tables and in the ledger once', async () => {
  const loading = await startLoading(stack);
  const song = await loading.put('song_data/TR1.json', JSON.stringify(aSong()));
  const batches = [aBatch('logs', await twoFiles(loading)), aBatch('songs', [song])];
  for (const batch of batches) {
    const outcomes = await Promise.all([
      loading.loadBatch(batch, NEVER),
      loading.anotherLoader()(batch, NEVER),
      loading.anotherLoader()(batch, NEVER),
    ]);
    for (const { files } of outcomes) {
      for (const { status } of files) expect(['loaded', 'known']).toContain(status);
    }
  }
  expect(await loading.counts()).toEqual({ songplays: 3, users: 1, songs: 1, artists: 1, time: 1 });
  const [ledger] = await loading.rows(
    `select (select count(*)::int from ingest_files) as files, (select count(*)::int from ingest_batches) as batches,
            (select count(*)::int from song_sources) as sources, (select count(distinct songplay_id)::int from songplays) as plays`,
  );
  expect(ledger).toEqual({ files: 3, batches: 2, sources: 1, plays: 3 });
});

test('a load that is killed between staging and publishing leaves nothing, and another process finishes it', async () => {
  const loading = await startLoading(stack);
  const files = await twoFiles(loading);
  const kill = new AbortController();
  const doomed = loading.anotherLoader({
    emit: (event) => {
      if (event.kind === 'load.stage_finished' && event.stage === 'stage') kill.abort();
    },
  });
  await expect(doomed(aBatch('logs', files), kill.signal)).rejects.toMatchObject({ code: 'aborted' });
  expect(await loading.counts()).toMatchObject({ songplays: 0 });
  expect(await loading.rows('select * from ingest_files')).toEqual([]);

  const outcome = await loading.anotherLoader()(aBatch('logs', files), NEVER);
  expect(outcome.files.map(({ status }) => status)).toEqual(['loaded', 'loaded']);
  expect(await loading.counts()).toMatchObject({ songplays: 3 });
});

async function loadThroughProxy(
  loading: Loading,
  fate: (call: { operation: string; statementName: string }) => CallFate,
) {
  const endpoint = process.env['AWS_ENDPOINT_URL_REDSHIFT_DATA'] ?? '';
  const proxy = await startLosingProxy(endpoint, fate);
  const client = new RedshiftDataClient({ endpoint: proxy.url, maxAttempts: 1 });
  try {
    const loadBatch = loading.anotherLoader({ warehouse: loading.warehouseThrough(client) });
    return { outcome: await loadBatch(aBatch('logs', await twoFiles(loading)), NEVER), calls: proxy.calls };
  } finally {
    client.destroy();
    await proxy.stop();
  }
}

test('a call whose answer was lost is repeated under the same token, and nothing runs twice', async () => {
  const loading = await startLoading(stack);
  const lost = new Set<string>();
  const { outcome } = await loadThroughProxy(loading, ({ operation, statementName }) => {
    if (operation !== 'BatchExecuteStatement' || lost.has(statementName)) return 'answer';
    lost.add(statementName);
    return 'lose_answer';
  });
  expect(lost.size).toBe(2);
  expect(outcome.counts).toMatchObject({ staged: 3, inserted: 4 });
  expect(await loading.counts()).toMatchObject({ songplays: 3 });
  expect(await loading.rows('select count(*)::int as n from ingest_batches')).toEqual([{ n: 1 }]);
});

test('a publish that committed without an answer is found in the ledger with its counts', async () => {
  const loading = await startLoading(stack);
  const { calls, outcome } = await loadThroughProxy(loading, ({ operation, statementName }) =>
    operation === 'BatchExecuteStatement' && statementName.includes('publish') ? 'lose_answer' : 'answer',
  );
  expect(outcome.counts).toEqual({ staged: 3, rejected: 0, inserted: 4, updated: 0, repaired: 0, removed: 0 });
  expect(outcome.files.map(({ status }) => status)).toEqual(['loaded', 'loaded']);
  expect(calls.filter((call) => call.includes('committed')).length).toBeGreaterThan(0);
  expect(await loading.counts()).toMatchObject({ songplays: 3 });
  expect(await loading.rows('select count(*)::int as n from ingest_files')).toEqual([{ n: 2 }]);
});

test('an object that appears after a commit whose answer was lost is loaded by a batch of its own', async () => {
  const loading = await startLoading(stack);
  const [there] = await twoFiles(loading);
  const late = await loading.put('log_data/late.json', lines(aPlay({ sessionId: 4 })));
  await stack.s3.send(new DeleteObjectCommand({ Bucket: late.bucket, Key: late.key }));
  let published = 0;
  const warehouse: Warehouse = {
    roundTrips: () => loading.warehouse.roundTrips(),
    openSession: (begin) => {
      const opened = loading.warehouse.openSession(begin);
      const transaction: WarehouseSession['transaction'] = async (input) => {
        const answer = await opened.transaction(input);
        if (!input.name.includes('publish') || (published += 1) > 1) return answer;
        await loading.put('log_data/late.json', lines(aPlay({ sessionId: 4 })));
        throw new IngestError('outcome_unknown', 'The answer was lost.');
      };
      return { transaction, rows: async (...input) => await opened.rows(...input), reset: () => opened.reset() };
    },
  };
  const load = loading.anotherLoader({ warehouse });
  const { files } = await load(aBatch('logs', there === undefined ? [late] : [there, late]), NEVER);
  expect(files.map(({ status }) => status)).toEqual(['loaded', 'loaded']);
  expect(published).toBe(2);
  expect(await loading.counts()).toMatchObject({ songplays: 3 });
  expect(await loading.rows('select status, count(*)::int as n from ingest_files group by 1')).toEqual([
    { status: 'loaded', n: 2 },
  ]);
  expect(await loading.rows('select count(*)::int as n from ingest_batches')).toEqual([{ n: 2 }]);
});

test('a session lost between staging and publishing is replaced, and the load restarts automatically', async () => {
  const loading = await startLoading(stack);
  const session = { opened: 0 };
  const warehouse: Warehouse = {
    roundTrips: () => loading.warehouse.roundTrips(),
    openSession: (begin) => {
      session.opened += 1;
      const opened = loading.warehouse.openSession(begin);
      if (session.opened > 1) return opened;
      // A new session behind the old one's back, as when the keep-alive ended: its temporary tables are not there.
      const transaction: WarehouseSession['transaction'] = async (input) => {
        if (input.name.includes('publish')) opened.reset();
        return await opened.transaction(input);
      };
      return { transaction, rows: async (...input) => await opened.rows(...input), reset: () => opened.reset() };
    },
  };
  const outcome = await loading.anotherLoader({ warehouse })(aBatch('logs', await twoFiles(loading)), NEVER);
  expect(outcome.counts).toMatchObject({ staged: 3, inserted: 4 });
  expect(session.opened).toBe(2);
  expect(loading.events).toContainEqual(expect.objectContaining({ kind: 'load.retried', code: 'session_lost' }));
});

test('a quarantined file that was repaired in place is loaded by a reload, and its entry counts two attempts', async () => {
  const loading = await startLoading(stack);
  const broken = await loading.put('log_data/a.json', '{oops');
  await loading.load('logs', [broken]);
  expect((await loading.load('logs', [broken])).files[0]?.status).toBe('known');
  await loading.put('log_data/a.json', lines(aPlay()));
  const reloaded = await loading.load('logs', [broken], RELOADED);
  expect(reloaded.files[0]?.status).toBe('loaded');
  expect(await loading.rows('select status, attempts::int, error_code from ingest_files')).toEqual([
    { status: 'loaded', attempts: 2, error_code: null },
  ]);
  expect(await loading.counts()).toMatchObject({ songplays: 1 });
});

test('a warehouse that cannot be reached is named as such, and nothing is written', async () => {
  const loading = await startLoading(stack);
  const client = new RedshiftDataClient({ endpoint: 'http://127.0.0.1:1', maxAttempts: 1 });
  const loadBatch = loading.anotherLoader({ warehouse: loading.warehouseThrough(client) });
  const error: unknown = await loadBatch(aBatch('logs', await twoFiles(loading)), NEVER).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(IngestError);
  expect(error).toMatchObject({ code: 'endpoint_unreachable' });
  expect(await loading.counts()).toMatchObject({ songplays: 0 });
});
