import { expect, test } from 'vitest';
import { retry } from '../../src/core/retry.ts';

/** Fails `failures` times, then gives the number of the attempt. */
async function attempts(failures: number, delays: readonly (number | null)[]) {
  const seen: (number | string)[] = [];
  const end = await retry(
    async (number) => await (number <= failures ? Promise.reject(new Error(`no ${number}`)) : Promise.resolve(number)),
    {
      clock: { nowMs: () => 0, sleep: async (ms) => await Promise.resolve(void seen.push(ms)) },
      signal: new AbortController().signal,
      delayMs: (_error, attempt) => delays[attempt - 1] ?? null,
      onRetry: (error, attempt) => void seen.push(`${attempt}: ${String(error)}`),
    },
  ).catch((error: unknown) => String(error));
  return { end, seen };
}

test('an attempt that succeeds is the last one', async () => {
  expect(await attempts(0, [1])).toEqual({ end: 1, seen: [] });
});

test('an attempt that fails is told and repeated after its delay', async () => {
  expect(await attempts(2, [10, 20])).toEqual({ end: 3, seen: ['1: Error: no 1', 10, '2: Error: no 2', 20] });
});

test('without a further delay the error is the caller’s', async () => {
  expect(await attempts(5, [10])).toEqual({ end: 'Error: no 2', seen: ['1: Error: no 1', 10] });
});
