import { expect, test } from 'vitest';
import type { HistorySize } from '../../simulation/generate-history.ts';
import { generateHistory } from '../../simulation/generate-history.ts';
import { startLoading } from '../support/loading.ts';
import { useStack } from '../support/stack.ts';
import { replayOnStack } from './replay-on-stack.ts';

const stack = useStack();

/** As rough as the large ones, and short: what a transaction costs here is real. */
const SMALL: HistorySize = { minOperations: 3, maxOperations: 12, isCalm: false };
const HISTORIES = Number(process.env['SPARKIFY_TEST_HISTORIES'] ?? 16);
/** Schemas in which histories run at the same time: while one waits for the engine, another one computes. */
const LANES = 4;
const FIRST = Number(process.env['SPARKIFY_TEST_FIRST_SEED'] ?? 1);

test('every transaction of a simulated history gives on the embedded stack what the model said, and the same tables', async () => {
  const seeds = Array.from({ length: HISTORIES }, (_, index) => FIRST + index);
  let transactions = 0;
  const lane = async () => {
    const loading = await startLoading(stack);
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      const compared = await replayOnStack(generateHistory(seed, SMALL), { stack, loading });
      transactions += compared;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  expect(transactions).toBeGreaterThan(5 * HISTORIES);
}, 900_000);
