import { expect } from 'vitest';
import type { Lane } from '../../../src/core/dataset.ts';
import type { FileEvent } from '../../../src/core/file-event.ts';
import type { ObjectStore } from '../../../src/core/ports.ts';
import type { VerifyReport } from '../../../src/verify/report.ts';
import { aBatch } from '../../support/loading.ts';
import type { Loading } from '../../support/loading.ts';
import { verified } from '../../support/verifying.ts';

type Star = Awaited<ReturnType<Loading['star']>>;

/** One way to load files: batches in their order, each with its files in theirs. */
type Way<T> = readonly (readonly T[])[];

/**
 * Every order of the batches of every batching: three files can be loaded in thirteen ways. Within a batch the files
 * stand once as given and once the other way round, in turn.
 */
function everyWay<T>(items: readonly T[]): readonly Way<T>[] {
  const ways = batchings(items);
  return ways.map((way, index) => (index % 2 === 0 ? way : way.map((batch) => batch.toReversed())));
}

function batchings<T>(items: readonly T[]): readonly Way<T>[] {
  const [first, ...others] = items;
  if (first === undefined) return [[]];
  return batchings(others).flatMap((way) => [
    ...way.map((_, at) => way.map((batch, place) => (place === at ? [first, ...batch] : batch))),
    ...Array.from({ length: way.length + 1 }, (_, at) => [...way.slice(0, at), [first], ...way.slice(at)]),
  ]);
}

/** The bucket as one whose objects were stored when the test says, to the second: a tie is a tie on any machine. */
export function storedAt(store: ObjectStore, timeOf: (key: string) => number): ObjectStore {
  return {
    put: async (input) => await store.put(input),
    remove: async (input) => await store.remove(input),
    probe: async (input) => {
      const version = await store.probe(input);
      return version === null ? null : { ...version, lastModifiedMs: timeOf(input.key) };
    },
    open: async (input) => {
      const stored = await store.open(input);
      return stored === null ? null : { ...stored, lastModifiedMs: timeOf(input.key) };
    },
    list: (input) => listedAt(store.list(input), timeOf),
  };
}

async function* listedAt(
  pages: AsyncIterable<readonly FileEvent[]>,
  timeOf: (key: string) => number,
): AsyncIterable<readonly FileEvent[]> {
  for await (const page of pages) yield page.map((file) => ({ ...file, eventTimeMs: timeOf(file.key) }));
}

/** The lane that the service would choose. */
function laneOf({ key }: FileEvent): Lane {
  return key.startsWith('song_data/') ? 'songs' : 'logs';
}

/** Loads files as one batch, or as two when they are of two lanes; the lane of the first file goes first. */
export async function loadBatches(loading: Loading, way: Way<FileEvent>, store?: ObjectStore): Promise<void> {
  const loadBatch = loading.anotherLoader(store === undefined ? {} : { store });
  for (const files of way) {
    for (const [lane, ofLane] of Map.groupBy(files, laneOf)) {
      await loadBatch(aBatch(lane, ofLane), new AbortController().signal);
    }
  }
}

/** Forgets all that was loaded; the bucket stays. */
export async function forgetAll(loading: Loading): Promise<void> {
  const tables = await loading.rows(
    `select table_name from information_schema.tables
     where table_schema = '${loading.settings.schema}' and table_name <> 'schema_migrations'`,
  );
  await loading.rows(`truncate ${tables.map((row) => String(row['table_name'])).join(', ')}`);
}

/**
 * Loads the files of the bucket in every way into empty tables: the rows are the same each time, and in the end those of a
 * full reload.
 *
 * @param files in groups that stay together, because every further group multiplies the ways.
 */
export async function loadedInEveryWay(
  loading: Loading,
  files: readonly (readonly FileEvent[])[],
  store: ObjectStore = loading.store,
): Promise<{ star: Star; report: VerifyReport }> {
  let star: Star | undefined;
  for (const way of everyWay(files)) {
    await forgetAll(loading);
    const batches = way.map((groups) => groups.flat());
    await loadBatches(loading, batches, store);
    const rows = await loading.star();
    star ??= rows;
    expect(rows, `loaded as ${JSON.stringify(batches.map((batch) => batch.map(({ key }) => key)))}`).toEqual(star);
  }
  const report = await verified({ ...loading, store });
  expect(report, JSON.stringify(report.tables)).toMatchObject({ equal: true });
  return { star: star ?? {}, report };
}
