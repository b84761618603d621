import { expect, test } from 'vitest';
import { IngestError } from '../../src/core/errors.ts';
import type { Warehouse } from '../../src/core/ports.ts';
import { aroundTransactions, stageOf } from '../../src/core/around-transactions.ts';
import { aBatch, startLoading } from '../support/loading.ts';
import { aPlay, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import { waitUntil } from '../support/wait-until.ts';

const stack = useStack();

/** The real warehouse; of the first publish the caller hears nothing while the warehouse still works on it. */
function silentOnce(warehouse: Warehouse, ran: string[], behindTheBack: Promise<unknown>[]): Warehouse {
  return aroundTransactions(warehouse, async (input, run) => {
    const stage = stageOf(input);
    ran.push(stage);
    if (stage !== 'publish' || behindTheBack.length > 0) return await run(input);
    behindTheBack.push(run(input));
    throw new IngestError('outcome_unknown', `"${input.name}" got no answer.`);
  });
}

test('a publish whose reply was lost is waited for, and then found in the ledger with its counts', async () => {
  const loading = await startLoading(stack);
  const file = await loading.put('log_data/1.json', lines(aPlay(), aPlay({ itemInSession: 33 })));
  const waiting = async (): Promise<number> => {
    const { rows } = await stack.pool.query<{ n: number }>(
      'select count(*)::int as n from pg_catalog.pg_locks where relation = $1::regclass and not granted',
      [`${loading.settings.schema}.ingest_lock_9`],
    );
    return rows[0]?.n ?? 0;
  };
  // Somebody else publishes, for as long as this test wants.
  const other = await stack.pool.connect();
  await other.query('begin');
  await other.query(`lock table ${loading.settings.schema}.ingest_lock_9 in access exclusive mode`);
  const [ran, behindTheBack]: [string[], Promise<unknown>[]] = [[], []];
  const warehouse = silentOnce(loading.warehouse, ran, behindTheBack);
  // Opened now: the question names the batches that were published since shortly before.
  const batch = aBatch('logs', [file], { openedAtMs: Date.now() });
  const load = loading.anotherLoader({ warehouse })(batch, new AbortController().signal);
  try {
    // The publish stands in line for the lock, and behind it the question what became of it.
    await waitUntil(async () => (await waiting()) === 2, { what: 'the publish and the question in line' });
  } finally {
    await other.query('rollback');
    other.release();
  }
  const outcome = await load;
  await Promise.all(behindTheBack);

  expect(ran).toEqual(['stage', 'publish', 'committed', 'stage', 'committed']);
  expect(outcome.files.map(({ status }) => status)).toEqual(['loaded']);
  expect(outcome.counts).toMatchObject({ staged: 2, inserted: 3 });
  expect(await loading.counts()).toMatchObject({ songplays: 2, users: 1 });
});
