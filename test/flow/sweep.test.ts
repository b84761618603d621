import { setImmediate as nextTurn } from 'node:timers/promises';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { realRandom } from '../../src/app/real.ts';
import { runSweep } from '../../src/backfill/run-sweep.ts';
import type { IngestEvent } from '../../src/core/events.ts';
import { IngestError } from '../../src/core/errors.ts';
import type { Clock, ObjectStore } from '../../src/core/ports.ts';
import { sweepLedger } from '../../src/look/sweep-ledger.ts';
import { openSqlLibrary } from '../../src/sql/sql-library.ts';
import { startLoading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import { waitUntil } from '../support/wait-until.ts';

const stack = useStack();
const HOUR_MS = 3_600_000;

/** Runs ahead of the real clock: short sleeps are skipped, long ones last until the test skips them. */
class SkippingClock implements Clock {
  #aheadMs = 0;
  readonly #sleepers = new Map<() => void, number>();

  get sleepers(): number {
    return this.#sleepers.size;
  }

  nowMs(): number {
    return Date.now() + this.#aheadMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await nextTurn();
    if (signal?.aborted === true) return;
    if (ms <= 60_000) {
      this.#aheadMs += ms;
      return;
    }
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#sleepers.delete(wake);
        resolve();
      };
      this.#sleepers.set(wake, this.nowMs() + ms);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  skip(ms: number): void {
    this.#aheadMs += ms;
    for (const [wake, atMs] of this.#sleepers) if (atMs <= this.nowMs()) wake();
  }
}

test('a sweep loads files that no notification brought, reads a denied file again in time, and names gone objects without a change', async () => {
  const loading = await startLoading(stack);
  const { bucket } = loading.settings;
  const gone = await loading.put('log_data/gone.json', lines(aPlay({ sessionId: 1 })));
  await loading.load('logs', [gone]);
  await stack.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: gone.key }));
  await loading.put('song_data/a.json', JSON.stringify(aSong()));
  for (const n of [2, 3]) await loading.put(`log_data/${n}.json`, lines(aPlay({ sessionId: n })));
  await loading.put('log_data/denied.json', lines(aPlay({ sessionId: 4 })));

  let isDenied = true;
  const store: ObjectStore = {
    ...loading.store,
    open: async (input) => {
      if (isDenied && input.key === 'log_data/denied.json') throw new IngestError('access_denied', 'AccessDenied.');
      return await loading.store.open(input);
    },
  };
  const events: IngestEvent[] = [];
  const clock = new SkippingClock();
  const emit = (event: IngestEvent): void => void events.push(event);
  const { schema } = loading.settings;
  let asked = 0;
  const looking = {
    ...{ session: loading.warehouse.openSession(), library: openSqlLibrary(), schema },
    token: () => `sweep-${schema}-${(asked += 1)}`,
  };
  const stop = new AbortController();
  const loadBatch = loading.anotherLoader({ store, clock, emit });
  const settings = { ...loading.settings, maxFiles: 2, maxBytes: 1e9 };
  const sweeping = runSweep(
    {
      backfill: { store, loadBatch, findLacking: loading.findLacking, clock, random: realRandom, emit, settings },
      ledger: sweepLedger(looking, bucket),
      consumer: () => ({ state: 'consuming', heldFiles: 0 }),
      batchMaxFiles: 100,
      leaveMs: 0,
    },
    stop.signal,
  );
  const seen = <K extends IngestEvent['kind']>(kind: K) =>
    events.filter((event): event is Extract<IngestEvent, { kind: K }> => event.kind === kind);
  /** Skips to a time, when the rounds before have ended. */
  const after = async (ms: number): Promise<void> => {
    clock.skip(ms);
    await waitUntil(() => clock.sleepers === 2, { what: 'the sweep to wait for its next round' });
  };

  await after(0);
  expect(seen('process.warned')).toEqual([]);
  expect(seen('sweep.ended')).toEqual([{ kind: 'sweep.ended', listed: 4, loaded: 3 }]);
  expect(seen('sweep.gone')).toEqual([{ kind: 'sweep.gone', count: 1, shown: [`s3://${bucket}/log_data/gone.json`] }]);
  expect(seen('file.quarantined')).toHaveLength(1);
  expect(await loading.counts()).toMatchObject({ songplays: 3, songs: 1 });

  await after(HOUR_MS - 60_000);
  expect(seen('file.quarantined')).toHaveLength(1);
  // The next look at what is due, five minutes later.
  await after(600_000);
  expect(seen('file.quarantined')).toHaveLength(2);
  isDenied = false;
  await after(4 * HOUR_MS);
  expect(await loading.counts()).toMatchObject({ songplays: 3 });
  await after(HOUR_MS);
  expect(await loading.counts()).toMatchObject({ songplays: 4 });
  const open = await loading.rows('select object_key from ingest_open');
  expect(open).toEqual([]);

  // Gone objects are looked for once a day.
  expect(seen('sweep.gone')).toHaveLength(1);
  await after(19 * HOUR_MS);
  expect(seen('sweep.gone')).toHaveLength(2);
  const rows = await loading.rows(`select status from ingest_objects where object_key = 'log_data/gone.json'`);
  expect(rows).toEqual([{ status: 'live' }]);
  expect(seen('process.warned')).toEqual([]);
  stop.abort();
  await sweeping;
});
