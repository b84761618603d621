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
