import { expect, test } from 'vitest';
import type { IngestEvent } from '../../src/core/events.ts';
import type { ConsumerReport } from '../../src/core/intake/consumer-report.ts';
import { keepReport } from '../../src/observe/keep-report.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

/** Keeps a report whose `heldFiles` a test changes; `put` says how a write ends. */
function keeping(put: (body: string, signal: AbortSignal) => Promise<void>) {
  const clock = new VirtualClock();
  const ended = new AbortController();
  const events: IngestEvent[] = [];
  const state = { heldFiles: 0 };
  const report = () => ({ ...state, writtenAtMs: clock.nowMs(), loadInFlight: null, rest: null }) as ConsumerReport;
  const end = keepReport(
    {
      store: { put: async ({ body, signal }) => await put(String(body), signal) },
      bucket: 'b',
      key: 'work/state/c.json',
      clock,
      emit: (event) => void events.push(event),
      report,
    },
    ended.signal,
  );
  return { clock, state, events, end, stop: () => ended.abort() };
}

test('a report is written at the start, at most every 5 s at changes, every 60 s without a change, and at the end', async () => {
  const written: number[] = [];
  const kept = keeping((body) => {
    written.push((JSON.parse(body) as ConsumerReport).writtenAtMs);
    return Promise.resolve();
  });
  const startMs = kept.clock.nowMs();
  await kept.clock.advance(9_000);
  kept.state.heldFiles = 1;
  await kept.clock.advance(100_000);
  kept.stop();
  await kept.end;
  expect(written.map((atMs) => atMs - startMs)).toEqual([0, 10_000, 70_000, 109_000]);
});

test('writes that fail or hang are one warning, and the next write follows', async () => {
  let writes = 0;
  const kept = keeping(async (_body, signal) => {
    writes += 1;
    if (writes === 1) throw new Error('denied');
    if (writes === 2)
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('too late'))));
  });
  await kept.clock.advance(30_000);
  kept.stop();
  await kept.end;
  expect(kept.events.map(({ kind }) => kind)).toEqual(['process.warned']);
  expect(writes).toBe(4);
});
