import { expect, test } from 'vitest';
import { IngestError } from '../../src/core/errors.ts';
import { aBatch, startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aroundTransactions, stageOf } from '../../src/core/around-transactions.ts';
import { aPlay, lines } from '../support/log-events.ts';
import { readObject } from '../support/read-object.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack();
const NEVER = new AbortController().signal;

/** What lies below the work prefix, by the last part of its key. */
async function workFiles({ settings, store }: Loading): Promise<readonly string[]> {
  const names: string[] = [];
  const { bucket, workPrefix } = settings;
  for await (const page of store.list({ bucket, prefix: `${workPrefix}batches/`, signal: NEVER })) {
    names.push(...page.map(({ key }) => (key.split('/').at(-1) ?? '').replace(/-[0-9a-z]+/, '')));
  }
  return names.toSorted();
}

test('a load leaves its lists and manifest, and no part; batch.json has the outcome of every key', async () => {
  const loading = await startLoading(stack);
  const files = [
    await loading.put('log_data/a.json', lines(aPlay(), aPlay({ ts: 0 }))),
    await loading.put('log_data/b.json', '[]'),
  ];
  const { batchId } = await loading.load('logs', files);
  expect(await workFiles(loading)).toEqual(['batch.json', 'manifest.json']);
  const { bucket, workPrefix } = loading.settings;
  const key = `${workPrefix}batches/2018/11/15/${batchId}/batch.json`;
  const list = JSON.parse(String(await readObject(loading.store, { bucket, key, signal: NEVER }))) as object;
  const part = expect.stringMatching(/part-[0-9a-z]+-0001\.json\.gz$/) as unknown;
  expect(list).toEqual({
    files: [
      {
        ...{ bucket, key: 'log_data/a.json', status: 'loaded', errorCode: null, reason: null, ...versionOf(files[0]) },
        ...{ rows: 2, rejected: 1, parts: [part] },
      },
      {
        ...{ bucket, key: 'log_data/b.json', status: 'quarantined', ...versionOf(files[1]) },
        ...{ errorCode: 'not_json_objects', reason: expect.stringContaining('JSON array') as unknown },
      },
    ],
  });
});

function versionOf(file: { etag: string; size: number } | undefined): object {
  return { etag: file?.etag, size: file?.size, lastModifiedMs: expect.any(Number) as unknown };
}

test('a load that ends with an error leaves no part either', async () => {
  const loading = await startLoading(stack);
  const refusing = aroundTransactions(loading.warehouse, async (input, run) => {
    if (stageOf(input) === 'stage') throw new IngestError('warehouse_unavailable', 'The warehouse is away.');
    return await run(input);
  });
  const load = loading.anotherLoader({ warehouse: refusing })(
    aBatch('logs', [await loading.put('log_data/a.json', lines(aPlay()))]),
    NEVER,
  );
  await expect(load).rejects.toMatchObject({ code: 'warehouse_unavailable' });
  expect(await workFiles(loading)).not.toContain('part-0001.json.gz');
});

test('shutdown ends a load that is still reading, without parts or rows; a load that has read its files continues', async () => {
  const loading = await startLoading(stack);
  const { store } = loading;
  const files = [
    await loading.put('log_data/a.json', lines(aPlay())),
    await loading.put('log_data/b.json', lines(aPlay({ ts: 1_541_121_934_796 }))),
  ];
  const reading = new AbortController();
  // The second object is never read to its end.
  const silent = {
    ...store,
    open: async (input: Parameters<typeof store.open>[0]) => {
      const object = await store.open(input);
      if (object === null || !input.key.endsWith('b.json')) return object;
      reading.abort();
      return { ...object, body: silence(input.signal) };
    },
  };
  const loadBatch = loading.anotherLoader({ store: silent });
  await expect(loadBatch(aBatch('logs', files), NEVER, reading.signal)).rejects.toMatchObject({ code: 'aborted' });
  expect(await workFiles(loading)).not.toContain('part-0001.json.gz');
  expect(await loading.rows('select * from ingest_files')).toEqual([]);

  const staged = new AbortController();
  const stopping = aroundTransactions(loading.warehouse, async (input, run) => {
    if (stageOf(input) === 'stage') staged.abort();
    return await run(input);
  });
  const outcome = await loading.anotherLoader({ warehouse: stopping })(aBatch('logs', files), NEVER, staged.signal);
  expect(outcome.files.map(({ status }) => status)).toEqual(['loaded', 'loaded']);
});

async function* silence(signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  yield* [];
  throw new IngestError('aborted', 'The transfer was cut off.');
}

test('parts that cannot be deleted are reported, and the load is committed', async () => {
  const loading = await startLoading(stack);
  const { store } = loading;
  const keeping = {
    ...store,
    remove: async () => await Promise.reject(new IngestError('access_denied', 'Deleting is not allowed.')),
  };
  const outcome = await loading.anotherLoader({ store: keeping })(
    aBatch('logs', [await loading.put('log_data/a.json', lines(aPlay()))]),
    NEVER,
  );
  expect(outcome.files.map(({ status }) => status)).toEqual(['loaded']);
  expect(loading.events).toContainEqual(
    expect.objectContaining({ kind: 'load.parts_left', count: 1, sentence: 'Deleting is not allowed.' }),
  );
  expect(await workFiles(loading)).toContain('part-0001.json.gz');
});
