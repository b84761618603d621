import { expect, test } from 'vitest';
import type { Warehouse } from '../../src/core/ports.ts';
import { aroundTransactions, stageOf } from '../../src/core/around-transactions.ts';
import { aBatch, startLoading } from '../support/loading.ts';
import { aPlay, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack();

/** The real warehouse; in the first publish somebody else's statement runs in front of the one that begins like this. */
function meddling(warehouse: Warehouse, input: { before: string; statement: string }): Warehouse {
  let isDone = false;
  return aroundTransactions(warehouse, async (transaction, run) => {
    const at = transaction.statements.findIndex((statement) => statement.startsWith(input.before));
    if (isDone || stageOf(transaction) !== 'publish' || at < 0) return await run(transaction);
    isDone = true;
    const results = await run({ ...transaction, statements: transaction.statements.toSpliced(at, 0, input.statement) });
    return results.toSpliced(at, 1);
  });
}

// As if the lock had not kept the other transaction away.
test.each([
  [
    'play',
    'insert into sparkify_staging',
    `insert into songplays (songplay_id, start_time, user_id, session_id, item_in_session, batch_id)
     select songplay_id, start_time, user_id, session_id, item_in_session, 'another' from songplays limit 1`,
  ],
  [
    'entry of the ledger',
    'insert into ingest_batches',
    `insert into ingest_files (file_id, object_id, bucket, object_key, etag, size, event_time, dataset, status, batch_id,
       attempts, first_seen_at, settled_at)
     select file_id, object_id, bucket, object_key, etag, size, event_time, dataset, status, 'another', attempts,
       first_seen_at, settled_at from ingest_files limit 1`,
  ],
])(
  'a %s that stands twice after the publish ends the transaction, and the batch is published again',
  async (...each) => {
    const [, before, statement] = each;
    const loading = await startLoading(stack);
    const file = await loading.put('log_data/1.json', lines(aPlay(), aPlay({ itemInSession: 33 })));
    const warehouse = meddling(loading.warehouse, { before, statement });
    const { counts } = await loading.anotherLoader({ warehouse })(aBatch('logs', [file]), new AbortController().signal);

    expect(loading.events.filter(({ kind }) => kind === 'load.retried')).toMatchObject([{ code: 'overtaken' }]);
    expect(counts).toMatchObject({ staged: 2, inserted: 3 });
    expect(await loading.counts()).toMatchObject({ songplays: 2, users: 1 });
    expect(
      await loading.rows('select f.batch_id from ingest_files f join ingest_batches using (batch_id)'),
    ).toHaveLength(1);
  },
);
