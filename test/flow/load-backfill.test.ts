import { setImmediate as nextTurn } from 'node:timers/promises';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { realClock, realRandom } from '../../src/app/real.ts';
import type { BackfillProgress } from '../../src/backfill/backfill-progress.ts';
import type { BackfillOptions } from '../../src/backfill/run-backfill.ts';
import { runBackfill } from '../../src/backfill/run-backfill.ts';
import type { IngestEvent } from '../../src/core/events.ts';
import type { FindLacking, LoadBatch } from '../../src/core/load.ts';
import type { Clock } from '../../src/core/ports.ts';
import { aroundTransactions, stageOf } from '../../src/core/around-transactions.ts';
import type { Loading } from '../support/loading.ts';
import { startLoading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack();

async function fillBucket(loading: Loading) {
  const logs = [1, 2, 3, 4, 5].map((n) => loading.put(`log_data/2018/11/${n}.json`, lines(aPlay({ sessionId: n }))));
  const songs = [1, 2, 3].map((n) =>
    loading.put(`song_data/A/TR${n}.json`, JSON.stringify(aSong({ song_id: `SO${n}` }))),
  );
  await loading.put('log_data/', '');
  await loading.put('other/x.json', '{}');
  return { logs: await Promise.all(logs), songs: await Promise.all(songs) };
}

async function backfill(
  loading: Loading,
  options: Partial<BackfillOptions> = {},
  more: {
    maxFiles?: number;
    emit?: (event: IngestEvent) => void;
    loadBatch?: LoadBatch;
    findLacking?: FindLacking;
    clock?: Clock;
  } = {},
): Promise<BackfillProgress> {
  const settings = { ...loading.settings, maxFiles: more.maxFiles ?? 100, maxBytes: 1e9 };
  return await runBackfill(
    {
      store: loading.store,
      loadBatch: more.loadBatch ?? loading.loadBatch,
      findLacking: more.findLacking ?? loading.findLacking,
      clock: more.clock ?? realClock,
      random: realRandom,
      emit: more.emit ?? (() => undefined),
      settings,
    },
    {
      prefix: null,
      sinceMs: null,
      untilMs: null,
      signal: new AbortController().signal,
      onProgress: () => undefined,
      ...options,
    },
  );
}

test('a backfill loads the whole bucket, songs first, and a second one finds all of it known', async () => {
  const loading = await startLoading(stack);
  await fillBucket(loading);
  const lanes: string[] = [];
  const first = await backfill(
    loading,
    {},
    {
      maxFiles: 2,
      emit: (event) => event.kind === 'load.committed' && lanes.push(event.lane),
    },
  );
  expect(lanes).toEqual(['songs', 'songs', 'logs', 'logs', 'logs']);
  expect(first).toMatchObject({
    wanted: 8,
    batches: 5,
    files: { loaded: 8, known: 0 },
    rows: { repaired: 0, removed: 0 },
  });
  expect(await loading.counts()).toMatchObject({ songplays: 5, songs: 3 });

  const second = await backfill(loading);
  expect(second).toMatchObject({ wanted: 8, files: { loaded: 0, known: 8 }, rows: { inserted: 0, updated: 0 } });
});

test('a backfill after notifications loads only the rest, and a song that was put again', async () => {
  const loading = await startLoading(stack);
  const { logs, songs } = await fillBucket(loading);
  await loading.load('logs', logs.slice(0, 3));
  await loading.load('songs', songs);
  const { files } = await backfill(loading);
  expect(files).toMatchObject({ loaded: 2, known: 6 });

  const changed = JSON.stringify(aSong({ song_id: 'SO1', title: 'Changed' }));
  await loading.put('song_data/A/TR1.json', changed);
  expect((await backfill(loading)).files).toMatchObject({ loaded: 1, known: 7 });
});

test('a backfill that is stopped after its first batch is finished by the next one', async () => {
  const loading = await startLoading(stack);
  await fillBucket(loading);
  const stop = new AbortController();
  const stopped = backfill(
    loading,
    { signal: stop.signal },
    { maxFiles: 2, emit: (event) => event.kind === 'load.committed' && stop.abort() },
  );
  await expect(stopped).rejects.toMatchObject({ code: 'aborted' });
  // The second batch was under way.
  const { files } = await backfill(loading);
  expect(files.known).toBeGreaterThan(0);
  expect(files.loaded + files.known).toBe(8);
  expect(files.loaded).toBeGreaterThanOrEqual(5);
  expect(await loading.counts()).toMatchObject({ songplays: 5, songs: 3 });
});

test('a batch is read before the one before it is published, and no two batches are read at once', async () => {
  const loading = await startLoading(stack);
  for (const n of [1, 2, 3, 4]) await loading.put(`log_data/${n}.json`, lines(aPlay({ sessionId: n })));
  const [bothKnown, bothRead] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
  let lookUps = 0;
  const beingRead: string[] = [];
  const opened: string[] = [];
  let atOnce = 0;
  const batchOf = (key: string): string => (/[12].json$/.test(key) ? 'first' : 'second');
  const warehouse = aroundTransactions(loading.warehouse, async (input, run) => {
    if (stageOf(input) === 'publish') await bothRead.promise;
    return await run(input);
  });
  const open: Loading['store']['open'] = async (input) => {
    beingRead.push(batchOf(input.key));
    // The other batch has every chance to be read now.
    await bothKnown.promise;
    await nextTurn();
    atOnce = Math.max(atOnce, new Set(beingRead).size);
    const object = await loading.store.open(input);
    if (opened.push(input.key) === 4) bothRead.resolve(undefined);
    const close = (): void => {
      beingRead.splice(beingRead.indexOf(batchOf(input.key)), 1);
      object?.close();
    };
    return object === null ? null : { ...object, close };
  };
  const loadBatch = loading.anotherLoader({ warehouse, store: { ...loading.store, open } });
  const findLacking: FindLacking = async (...asked) => {
    const found = await loading.findLacking(...asked);
    if ((lookUps += 1) === 2) bothKnown.resolve(undefined);
    return found;
  };
  expect(await backfill(loading, {}, { maxFiles: 2, loadBatch, findLacking })).toMatchObject({
    ...{ batches: 2, files: { loaded: 4 } },
  });
  expect(atOnce).toBe(1);
});

test('batches grow while their publishes are quick, and are small after one that had the lock for long', async () => {
  const loading = await startLoading(stack);
  const body = lines(aPlay({ page: 'Home', userAgent: 'x'.repeat(300_000) }));
  for (let n = 10; n < 34; n += 1) await loading.put(`log_data/${n}.json`, body);
  const announced: string[] = [];
  const load = async (lockedMs: readonly number[]) => {
    const left = [...lockedMs];
    const warehouse = aroundTransactions(loading.warehouse, async (input, run) => {
      const results = await run(input);
      if (stageOf(input) !== 'publish') return results;
      const durationMs = left.shift() ?? lockedMs.at(-1) ?? 0;
      return results.map((result, at) => ({ ...result, durationMs: at === 1 ? durationMs : 0 }));
    });
    const onEvent = (event: IngestEvent) => event.kind === 'load.committed' && announced.push(event.outcome.batchId);
    const loadBatch = loading.anotherLoader({ warehouse });
    const { batches, files } = await backfill(loading, {}, { loadBatch, emit: onEvent });
    const ledger = await loading.rows(
      `select batch_id as id, files::int from ingest_batches where files > 0 order by staged_at desc limit ${batches}`,
    );
    expect(announced.slice(-batches).toSorted()).toEqual(ledger.map(({ id }) => id).toSorted());
    return { loaded: files.loaded, sizes: ledger.map((row) => Number(row['files'])).toReversed() };
  };
  // Three files fit the first megabyte. Two batches are under way at any time.
  const quick = await load([10]);
  expect(quick).toMatchObject({ loaded: 24 });
  expect(quick.sizes.slice(0, 2)).toEqual([3, 3]);
  expect(Math.max(...quick.sizes)).toBeGreaterThanOrEqual(6);

  for (let n = 10; n < 34; n += 1) await loading.put(`log_data/${n}.json`, `${body}\n`);
  const slow = await load([100, 10_000]);
  expect(slow).toMatchObject({ loaded: 24 });
  expect(slow.sizes[0]).toBe(3);
  expect(slow.sizes.slice(-8)).toEqual(Array(8).fill(1));
});

test('with a queue to feed, the files that the ledger lacks are announced, songs first, and none is loaded', async () => {
  const loading = await startLoading(stack);
  const { logs } = await fillBucket(loading);
  await loading.load('logs', logs.slice(0, 3));
  const sent: string[] = [];
  const feed = {
    waiting: async () => await Promise.resolve(0),
    send: async (bodies: readonly string[]) => await Promise.resolve(void sent.push(...bodies)),
  };
  const result = await backfill(loading, { instead: { feed } });
  expect(result).toMatchObject({ sent: 5, lacking: 5, batches: 0, files: { known: 3, loaded: 0 } });
  const keys = sent.map((body) => /"key":"([^"]+)"/.exec(body)?.[1]);
  expect(keys.map((key) => key?.split('/')[0])).toEqual([
    ...Array<string>(3).fill('song_data'),
    'log_data',
    'log_data',
  ]);
});

test('a dry run counts the files that the ledger lacks, batch by batch, and writes nothing permanent', async () => {
  const loading = await startLoading(stack);
  const { logs, songs } = await fillBucket(loading);
  const dryRun = async () => await backfill(loading, { instead: 'count' }, { maxFiles: 2 });
  const empty = await loading.rows('select * from ingest_files');
  expect(await dryRun()).toMatchObject({ wanted: 8, lacking: 8, batches: 0, files: { known: 0, loaded: 0 } });
  expect(await loading.rows('select * from ingest_files')).toEqual(empty);
  expect(await loading.counts()).toMatchObject({ songplays: 0, songs: 0 });
  await loading.load('logs', logs.slice(0, 3));
  await loading.load('songs', songs.slice(0, 1));
  expect(await dryRun()).toMatchObject({ wanted: 8, lacking: 4, batches: 0, files: { known: 4 } });
  expect(await backfill(loading)).toMatchObject({ lacking: 4, files: { loaded: 4, known: 4 } });
  expect(await dryRun()).toMatchObject({ wanted: 8, lacking: 0, files: { known: 8 } });
});

test('a prefix and a time narrow the listing', async () => {
  const loading = await startLoading(stack);
  await fillBucket(loading);
  expect(await backfill(loading, { prefix: 'log_data/2018/' })).toMatchObject({ wanted: 5, files: { loaded: 5 } });
  expect(await backfill(loading, { sinceMs: Date.now() + 60_000 })).toMatchObject({ listed: 9, wanted: 0 });
});

test('only the keys of a file are loaded, songs first, and keys that are not in the bucket are counted', async () => {
  const loading = await startLoading(stack);
  await fillBucket(loading);
  await loading.put('log_data/2018/11/1.json.later', lines(aPlay({ sessionId: 9 })));
  const keys = ['log_data/2018/11/1.json', 'log_data/gone.json', 'song_data/A/TR2.json', 'log_data/2018/11/3.json'];
  const lanes: string[] = [];
  const list = async function* list() {
    yield await Promise.resolve(keys);
  };
  const result = await backfill(
    loading,
    { keys: list },
    { emit: (event) => event.kind === 'load.committed' && lanes.push(event.lane) },
  );
  expect(lanes).toEqual(['songs', 'logs']);
  expect(result).toMatchObject({ wanted: 3, absent: 1, firstAbsent: 'log_data/gone.json', files: { loaded: 3 } });
});

test('two backfills at once share the work, and the claims of a killed one only come later', async () => {
  const loading = await startLoading(stack);
  await fillBucket(loading);
  const { bucket, workPrefix } = loading.settings;
  const claims = async () => {
    const keys: string[] = [];
    const prefix = `${workPrefix}backfill/`;
    for await (const page of loading.store.list({ bucket, prefix, signal: new AbortController().signal })) {
      keys.push(...page.map(({ key }) => key));
    }
    return keys;
  };
  const read: string[] = [];
  const both = Promise.withResolvers<undefined>();
  const open: Loading['store']['open'] = async (input) => {
    // Neither goes on before the other has claimed a batch.
    if (read.push(input.key) === 2) both.resolve(undefined);
    await both.promise;
    return await loading.store.open(input);
  };
  const one = async () => {
    const loadBatch = loading.anotherLoader({ store: { ...loading.store, open } });
    return await backfill(loading, { isShared: true }, { maxFiles: 1, loadBatch });
  };
  const results = await Promise.all([one(), one()]);
  expect(new Set(read).size).toBe(8);
  // Before they meet, one may look up what the other one commits and releases before it is claimed.
  expect(read.length).toBeLessThanOrEqual(10);
  expect(results.map(({ files }) => files.loaded).reduce((sum, loaded) => sum + loaded)).toBe(read.length);
  for (const { files } of results) expect(files.loaded).toBeGreaterThan(0);
  expect(await claims()).toEqual([]);

  await loading.put('log_data/2018/11/6.json', lines(aPlay({ sessionId: 6 })));
  // As if a backfill had been killed while it was at work on each batch.
  const put = loading.store.put.bind(loading.store);
  const stopped = new AbortController();
  const dying = { ...loading.store, remove: async () => await Promise.reject(new Error('killed')), put };
  const killed = runBackfill(
    {
      store: dying,
      loadBatch: async () => await Promise.reject(new Error('killed')),
      findLacking: loading.findLacking,
      clock: realClock,
      random: realRandom,
      emit: () => undefined,
      settings: { ...loading.settings, maxFiles: 1, maxBytes: 1e9 },
    },
    {
      prefix: null,
      sinceMs: null,
      untilMs: null,
      isShared: true,
      signal: stopped.signal,
      onProgress: () => undefined,
    },
  );
  await expect(killed).rejects.toThrow('killed');
  expect((await claims()).length).toBeGreaterThan(0);
  const impatient = { ...realClock, sleep: async () => await Promise.resolve() };
  expect((await backfill(loading, { isShared: true }, { maxFiles: 1, clock: impatient })).files).toMatchObject({
    loaded: 1,
    known: 8,
  });
  expect(await claims()).toEqual([]);
});

test('an object that came back after it was missing is loaded by a backfill', async () => {
  const loading = await startLoading(stack);
  const body = lines(aPlay());
  const file = await loading.put('log_data/a.json', body);
  await stack.s3.send(new DeleteObjectCommand({ Bucket: file.bucket, Key: file.key }));
  await loading.load('logs', [file]);
  await loading.put('log_data/a.json', body);
  expect((await backfill(loading)).files).toMatchObject({ loaded: 1 });
  expect(await loading.counts()).toMatchObject({ songplays: 1 });
});
