import { expect, test } from 'vitest';
import { loadWithRetries } from '../../src/backfill/load-with-retries.ts';
import { IngestError } from '../../src/core/errors.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import type { IngestEvent } from '../../src/core/events.ts';
import { ERROR_POLICY } from '../../src/core/verdict.ts';
import { aBatch } from '../support/loading.ts';

/** A backfill's load that fails with this code every time: how often it was tried, and how long it slept between. */
async function tried(
  code: ErrorCode,
  signal = new AbortController().signal,
): Promise<{ attempts: number; delays: readonly number[]; ended: unknown }> {
  let attempts = 0;
  const delays: number[] = [];
  const events: IngestEvent[] = [];
  const ended: unknown = await loadWithRetries(
    {
      loadBatch: async () => {
        attempts += 1;
        return await Promise.reject(new IngestError(code, 'no'));
      },
      clock: { nowMs: () => 0, sleep: async (ms) => await Promise.resolve(void delays.push(ms)) },
      random: () => 0.5,
      emit: (event) => void events.push(event),
    },
    aBatch('songs', []),
    signal,
  ).catch((error: unknown) => error);
  expect(events.map(({ kind }) => kind)).toEqual(delays.map(() => 'load.retried'));
  return { attempts, delays, ended };
}

test('a backfill tries a load again as often as the verdict on its error allows, and then tells that error', async () => {
  const verdict = ERROR_POLICY.deadlock.then;
  if (verdict.kind !== 'retry') throw new Error('A deadlock is retried.');
  const { attempts, delays, ended } = await tried('deadlock');
  expect(attempts).toBe(verdict.limit + 1);
  for (const delayMs of delays) expect(delayMs).toBeGreaterThanOrEqual(verdict.minMs);
  expect(ended).toMatchObject({ code: 'deadlock' });
});

test('a backfill waits for a warehouse that is away, but not without an end: a person waits for it', async () => {
  const { attempts, ended } = await tried('warehouse_paused');
  expect(attempts).toBe(21);
  expect(ended).toMatchObject({ code: 'warehouse_paused' });
});

test('a backfill that was stopped does not retry its own stop', async () => {
  expect(await tried('aborted', AbortSignal.abort())).toMatchObject({
    attempts: 0,
    delays: [],
    ended: { code: 'aborted' },
  });
});

test.each(['access_denied', 'bucket_unreadable'] as const)(
  '%s asks for a person and ends a backfill at once',
  async (code) => {
    expect(await tried(code)).toMatchObject({ attempts: 1, delays: [], ended: { code } });
  },
);
