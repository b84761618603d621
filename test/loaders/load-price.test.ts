import { expect, test } from 'vitest';
import { IngestError } from '../../src/core/errors.ts';
import type { Warehouse } from '../../src/core/ports.ts';
import { holdLoads } from '../flow/support/held-load.ts';
import { aroundTransactions, stageOf } from '../../src/core/around-transactions.ts';
import { aBatch, startLoading } from '../support/loading.ts';
import { aPlay, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import { waitUntil } from '../support/wait-until.ts';

const stack = useStack();
const NEVER = new AbortController().signal;

type Ran = { readonly isLock: boolean; readonly durationMs: number };

/** The real warehouse, which loses the session once between stage and publish. Collects what ran, by attempt. */
function losingItsSession(warehouse: Warehouse, attempts: Ran[][]): Warehouse {
  attempts.push([]);
  return aroundTransactions(warehouse, async (input, run) => {
    if (stageOf(input) === 'publish' && attempts.length === 1) {
      attempts.push([]);
      throw new IngestError('session_lost', 'The session is gone.');
    }
    const results = await run(input);
    const ran = results.map(({ durationMs }, at) => ({
      isLock: /^lock /i.test(input.statements[at] ?? ''),
      durationMs,
    }));
    attempts.at(-1)?.push(...ran);
    return results;
  });
}

test('a load costs what its statements ran in the attempt that committed, without the wait for the lock', async () => {
  const loading = await startLoading(stack);
  const file = await loading.put('log_data/1.json', lines(aPlay()));
  const attempts: Ran[][] = [];
  const held = await holdLoads({ stack, place: { schema: loading.settings.schema } });
  const begunAtMs = Date.now();
  const load = loading.anotherLoader({ warehouse: losingItsSession(loading.warehouse, attempts) })(
    aBatch('logs', [file]),
    NEVER,
  );
  await held.reached();
  const reachedAtMs = Date.now();
  await waitUntil(() => Promise.resolve(Date.now() - reachedAtMs >= 100), { what: 'a tenth of a second' });
  await held.release();
  const { warehouseMs } = await load;

  expect(attempts).toHaveLength(2);
  const committed = attempts[1] ?? [];
  const sum = (ran: readonly Ran[]) => ran.reduce((total, { durationMs }) => total + durationMs, 0);
  expect(warehouseMs).toBeCloseTo(sum(committed.filter(({ isLock }) => !isLock)), 3);
  expect(warehouseMs).toBeGreaterThan(0);
  // Milliseconds: the wait was as long as the lock was held, and all together no longer than the load.
  expect(sum(committed.filter(({ isLock }) => isLock))).toBeGreaterThanOrEqual(100);
  expect(sum(committed)).toBeLessThanOrEqual(Date.now() - begunAtMs);
});

test('a load says how many consumers had live batches in the last ten minutes, and the ledger how long a batch rested', async () => {
  const place = await stack.place({ notifiedPrefixes: [] });
  const load = async (consumer: string, name: string, more: Parameters<typeof aBatch>[2] = {}) => {
    const loading = await startLoading(stack, place, { consumer });
    return await loading.load('logs', [await loading.put(`log_data/${name}.json`, lines(aPlay()))], more);
  };
  expect(await load('left', '1', { restedMs: 4_321 })).toMatchObject({ liveConsumers: 1 });
  expect(await load('right', '2')).toMatchObject({ liveConsumers: 2 });
  expect(await load('left', '3')).toMatchObject({ liveConsumers: 2 });
  expect(await load('by hand', '4', { source: 'backfill' })).toMatchObject({ liveConsumers: 2 });
  const loading = await startLoading(stack, place);
  await loading.rows(
    "update ingest_batches set published_at = published_at - interval '11 minutes' where consumer = 'right'",
  );
  expect(await load('left', '5')).toMatchObject({ liveConsumers: 1 });
  expect(
    await loading.rows('select rested_ms::int as ms, count(*)::int as n from ingest_batches group by 1 order by 1'),
  ).toEqual([
    { ms: 0, n: 4 },
    { ms: 4_321, n: 1 },
  ]);
});
