import { expect, test } from 'vitest';
import type { ErrorCode } from '../../src/core/errors.ts';
import { IngestError } from '../../src/core/errors.ts';
import type { Warehouse } from '../../src/core/ports.ts';
import { aroundTransactions, stageOf } from '../../src/core/around-transactions.ts';
import { aBatch, startLoading } from '../support/loading.ts';
import { aPlay, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack();

/** The real warehouse, which rolls the first `times` publishing transactions back. */
function losingRaces(warehouse: Warehouse, code: ErrorCode, times: number, ran: string[]): Warehouse {
  let left = times;
  return aroundTransactions(warehouse, async (input, run) => {
    const stage = stageOf(input);
    ran.push(stage);
    if (stage !== 'publish' || left === 0) return await run(input);
    left -= 1;
    throw new IngestError(code, `"${input.name}" was rolled back.`);
  });
}

test.each<ErrorCode>(['serialization_conflict', 'deadlock'])(
  'a publish that is rolled back by a %s is published again from its staging tables, without another COPY',
  async (code) => {
    const loading = await startLoading(stack);
    const file = await loading.put('log_data/1.json', lines(aPlay(), aPlay({ itemInSession: 33 })));
    const ran: string[] = [];
    const warehouse = losingRaces(loading.warehouse, code, 2, ran);
    const outcome = await loading.anotherLoader({ warehouse })(aBatch('logs', [file]), new AbortController().signal);

    expect(ran).toEqual(['stage', 'publish', 'publish', 'publish']);
    expect(outcome.files.map(({ status }) => status)).toEqual(['loaded']);
    expect((await loading.counts())['songplays']).toBe(2);
    expect(loading.events.filter(({ kind }) => kind === 'load.retried')).toHaveLength(2);
  },
);

test.each([
  ['a file that is loaded', lines(aPlay()), 1],
  ['a file that is quarantined', '{broken', 0],
])(
  'the batch of %s is in the ledger once, although its publish runs once more after its commit',
  async (_what, body, plays) => {
    const loading = await startLoading(stack);
    const file = await loading.put('log_data/1.json', body);
    let isFirst = true;
    const warehouse = aroundTransactions(loading.warehouse, async (input, run) => {
      const ran = await run(input);
      if (stageOf(input) !== 'publish' || !isFirst) return ran;
      isFirst = false;
      return await run({ ...input, token: `${input.token}-again` });
    });
    await loading.anotherLoader({ warehouse })(aBatch('logs', [file]), new AbortController().signal);

    expect(await loading.rows('select count(*)::int as n from ingest_batches')).toEqual([{ n: 1 }]);
    expect((await loading.counts())['songplays']).toBe(plays);
  },
);
