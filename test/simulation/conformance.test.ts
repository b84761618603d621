import { expect, test } from 'vitest';
import type { HistorySize } from '../../simulation/generate-history.ts';
import { generateHistory } from '../../simulation/generate-history.ts';
import { startLoading } from '../support/loading.ts';
import { useStack } from '../support/stack.ts';
import type { PlantedInSql } from './replay-on-stack.ts';
import { replayOnStack } from './replay-on-stack.ts';

const stack = useStack();

/** As rough as the large ones, and short: what a transaction costs here is real. */
const SMALL: HistorySize = { minOperations: 3, maxOperations: 12, isCalm: false };
const HISTORIES = Number(process.env['SPARKIFY_TEST_HISTORIES'] ?? 100);
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
}, 600_000);

const PLANTED: readonly PlantedInSql[] = [
  { path: 'load/logs/publish/30_users.sql', text: 'b.start_time > u.last', instead: 'b.start_time < u.last' },
  { path: 'load/songs/publish/20_songs.sql', text: 'k.last_modified desc', instead: 'k.last_modified asc' },
  { path: 'load/know/20_known_live.sql', text: 'f.file_id = b.file_id', instead: 'f.object_id = b.object_id' },
];

test.each(PLANTED)(
  '"$instead" in the SQL is noticed',
  async (planted) => {
    const loading = await startLoading(stack);
    const replayMany = async () => {
      for (let seed = 1; seed <= 40; seed += 1) {
        await replayOnStack(generateHistory(seed, SMALL), { stack, loading, planted });
      }
    };
    const error: unknown = await replayMany().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toMatch(/the model and the SQL differ/);
    expect((error as Error).cause, 'the text that is replaced is there').not.toBeInstanceOf(TypeError);
  },
  120_000,
);
