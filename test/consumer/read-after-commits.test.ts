import { expect, test } from 'vitest';
import type { IngestEvent } from '../../src/core/events.ts';
import { ReadAfterCommits } from '../../src/observe/read-after-commits.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const COMMITTED = { kind: 'load.committed' } as IngestEvent;
const MINUTE_MS = 60_000;

/** Runs on a virtual clock; `read` says how a read ends. */
function reading(read: () => Promise<void>) {
  const clock = new VirtualClock();
  const ended = new AbortController();
  const events: IngestEvent[] = [];
  const readAtMs: number[] = [];
  const startMs = clock.nowMs();
  const noted = async (): Promise<void> => {
    readAtMs.push((clock.nowMs() - startMs) / MINUTE_MS);
    await read();
  };
  const reader = new ReadAfterCommits({ clock, emit: (event) => void events.push(event), read: noted });
  const end = reader.run(ended.signal);
  return {
    clock,
    events,
    reader,
    readAtMs,
    stop: async () => {
      ended.abort();
      await end;
    },
  };
}

test('the ledger is read after own commits, at most every ten minutes, and never without a commit', async () => {
  const { clock, reader, readAtMs, stop } = reading(() => Promise.resolve());
  await clock.advance(30 * MINUTE_MS);
  reader.onEvent({ kind: 'message.deleted', count: 1 });
  reader.onEvent(COMMITTED);
  await clock.advance(MINUTE_MS);
  // These two wait for the end of the ten minutes, and are one read.
  reader.onEvent(COMMITTED);
  reader.onEvent(COMMITTED);
  await clock.advance(100 * MINUTE_MS);
  expect(readAtMs).toEqual([30, 40]);
  await stop();
  expect(readAtMs).toEqual([30, 40]);
});

test('reads that fail are one warning, and the next commit causes the next read', async () => {
  const { clock, events, reader, readAtMs, stop } = reading(() => Promise.reject(new Error('paused')));
  for (let time = 0; time < 3; time += 1) {
    reader.onEvent(COMMITTED);
    await clock.advance(20 * MINUTE_MS);
  }
  expect(readAtMs).toEqual([0, 20, 40]);
  expect(events).toMatchObject([{ kind: 'process.warned', sentence: expect.stringContaining('paused') as string }]);
  await stop();
});
