import { expect, test } from 'vitest';
import type { LoadBatch, LoadSource } from '../../src/core/load.ts';
import type { FileEvent } from '../../src/core/file-event.ts';
import { aBatch, startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import { verified } from '../support/verifying.ts';
import { aroundTransactions, stageOf } from '../../src/core/around-transactions.ts';

const stack = useStack();
const NEVER = new AbortController().signal;

/** A loader in another process that has staged and waits before it publishes, until it is released. */
function slowLoader(loading: Loading): { loadBatch: LoadBatch; staged: Promise<undefined>; letGo: () => void } {
  const [staged, released] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
  const warehouse = aroundTransactions(loading.warehouse, async (input, run) => {
    if (stageOf(input) === 'publish') {
      staged.resolve(undefined);
      await released.promise;
    }
    return await run(input);
  });
  const loadBatch = loading.anotherLoader({ warehouse });
  return { loadBatch, staged: staged.promise, letGo: () => released.resolve(undefined) };
}

/** The same object as a listing gives it. */
async function as(source: LoadSource, file: FileEvent, { store }: Loading): Promise<FileEvent> {
  if (source !== 'backfill') return file;
  const version = await store.probe({ bucket: file.bucket, key: file.key, signal: NEVER });
  return { ...file, sequencer: null, eventTimeMs: version?.lastModifiedMs ?? 0 };
}

const PAIRS: readonly (readonly [slow: LoadSource, quick: LoadSource])[] = [
  ['live', 'live'],
  ['live', 'backfill'],
  ['backfill', 'live'],
];

test.each(PAIRS)(
  'a %s load that holds objects which a %s load commits meanwhile writes no row of them',
  async (slowSource, quickSource) => {
    const loading = await startLoading(stack);
    const files = [
      await loading.put('song_data/a.json', JSON.stringify(aSong())),
      await loading.put('log_data/a.json', lines(aPlay(), aPlay({ itemInSession: 1 }))),
    ];
    for (const file of files) {
      const lane = file.key.startsWith('song_data/') ? 'songs' : 'logs';
      const slow = slowLoader(loading);
      const slowBatch = aBatch(lane, [await as(slowSource, file, loading)], { source: slowSource });
      const loaded = slow.loadBatch(slowBatch, NEVER);
      await slow.staged;
      const quick = await loading.load(lane, [await as(quickSource, file, loading)], { source: quickSource });
      const tables = await loading.star();
      slow.letGo();
      expect(quick.files).toMatchObject([{ status: 'loaded' }]);
      expect((await loaded).counts).toMatchObject({ inserted: 0, updated: 0, repaired: 0, removed: 0 });
      expect(await loading.star()).toEqual(tables);
      // Whoever comes after them finds it done.
      expect((await loading.load(lane, [file])).files).toMatchObject([{ status: 'known' }]);
      const listed = aBatch(lane, [await as('backfill', file, loading)], { source: 'backfill' });
      expect((await loading.findLacking(listed, NEVER)).lacking).toEqual([]);
    }
    const [ids] = await loading.rows(
      'select count(*)::int as entries, count(distinct file_id)::int as ids from ingest_files',
    );
    expect(ids?.['entries']).toBe(ids?.['ids']);
    expect(await verified(loading)).toMatchObject({ equal: true, notCompared: { files: 0 } });
  },
);

test('a notification that comes again after years of other files is known', async () => {
  const loading = await startLoading(stack);
  const file = await loading.put('log_data/a.json', lines(aPlay()));
  const old = { ...file, eventTimeMs: Date.UTC(2019, 0) };
  await loading.load('logs', [old]);
  for (let year = 2020; year < 2026; year += 1) {
    const other = await loading.put(`log_data/${year}.json`, lines(aPlay({ sessionId: year })));
    await loading.load('logs', [{ ...other, eventTimeMs: Date.UTC(year, 0) }]);
  }
  expect((await loading.load('logs', [old])).files).toMatchObject([{ status: 'known' }]);
});
