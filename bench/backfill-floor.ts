import { readFileSync } from 'node:fs';
import type { Dataset } from '../src/core/dataset.ts';
import { copyText } from '../src/core/sql/copy.ts';
import type { FileEvent } from '../src/core/file-event.ts';
import { numbered } from '../src/core/loading/ledger.ts';
import { manifestBody, s3Uri } from '../src/core/loading/manifest.ts';
import type { BatchId } from '../src/core/load.ts';
import { splitSql } from '../src/core/sql/split-sql.ts';
import { realRandom } from '../src/app/real.ts';
import { makeSongRow, logRowMaker } from '../src/loaders/batch-rows.ts';
import { loadContext } from '../src/loaders/load-context.ts';
import { migrate } from '../src/schema/migrate.ts';
import { objectTroubles } from '../src/loaders/object-troubles.ts';
import { Parts } from '../src/loaders/part-writer.ts';
import { readBatch } from '../src/loaders/read-batch.ts';
import type { LoaderWorld } from './loader-world.ts';

/** `copyMs` and `reloadMs` are all that counts: the parts were there before. */
export type Floor = { readonly copyMs: number; readonly reloadMs: number };

export const FLOOR_SCHEMA = 'floor';
const NEVER = new AbortController().signal;

/**
 * What the engine takes for the same rows when nobody has to know anything: its own COPY of the parts that the loader makes
 * of them, and SQL that fills empty tables.
 */
export async function measureFloor(
  world: LoaderWorld,
  files: Readonly<Record<Dataset, readonly FileEvent[]>>,
  say: (line: string) => void,
): Promise<Floor> {
  say('converting the same files for the floor');
  const events = await convert(world, 'logs', files.logs);
  const songs = await convert(world, 'songs', files.songs);
  say('the floor: COPY and a full reload');
  return await fullReload(world, FLOOR_SCHEMA, { events, songs });
}

/** COPY and SQL into the empty tables of a new schema; `from` has the URIs of manifests. */
export async function fullReload(
  world: LoaderWorld,
  schema: string,
  from: { readonly events: string; readonly songs: string },
): Promise<Floor> {
  const { library } = world.loadParts(schema);
  const parts = { warehouse: world.warehouse, library, random: realRandom, schema };
  await migrate(parts, { reset: false, signal: NEVER });
  const session = world.warehouse.openSession();
  const run = async (step: string, statements: readonly string[]): Promise<number> => {
    const beganMs = performance.now();
    const name = `${schema}-${step}`;
    const path = `set search_path to ${schema}`;
    const all = [path, ...statements];
    await session.transaction({ name, token: name, isLasting: true, statements: all, signal: NEVER });
    return performance.now() - beganMs;
  };
  const copy = (table: string, manifest: string): string =>
    copyText({ table, from: manifest, isParts: true, roleArn: world.roleArn });
  const copyMs = await run('copy', [
    ...statementsOf('floor-staging.sql'),
    copy('floor_events', from.events),
    copy('floor_songs', from.songs),
  ]);
  return { copyMs, reloadMs: await run('reload', statementsOf('full-reload.sql')) };
}

/** @returns the URI of a manifest of the parts. */
async function convert(world: LoaderWorld, dataset: Dataset, files: readonly FileEvent[]): Promise<string> {
  const parts = world.loadParts(FLOOR_SCHEMA);
  const batch = {
    ...({
      id: `floor-${dataset}` as BatchId,
      lane: dataset,
      source: 'backfill',
      closeReason: 'count',
      restedMs: 0,
      files,
    } as const),
    ...{ bytes: 0, openedAtMs: 0, closedAtMs: 0 },
  };
  const session = { transaction: unused, rows: unused, reset: unused };
  const context = loadContext(parts, { batch, session, signal: NEVER, token: unused, refusal: null });
  const { bucket } = world.route;
  const folder = `floor/${dataset}`;
  const { partUris } = await readBatch(context, numbered(batch), {
    maker: dataset === 'logs' ? logRowMaker() : makeSongRow,
    parts: new Parts({ store: world.store, bucket, keyOf: (part) => `${folder}/${part}.json.gz`, signal: NEVER }),
    troubles: objectTroubles(parts),
    tellDrift: () => undefined,
  });
  return await putManifest(world, folder, partUris);
}

/** @returns the URI of the manifest. */
export async function putManifest(world: LoaderWorld, folder: string, partUris: readonly string[]): Promise<string> {
  const manifest = { bucket: world.route.bucket, key: `${folder}/manifest.json` };
  const body = manifestBody(partUris);
  await world.store.put({ ...manifest, body, contentType: 'application/json', signal: NEVER });
  return s3Uri(manifest);
}

function statementsOf(file: string): readonly string[] {
  return splitSql(readFileSync(new URL(file, import.meta.url), 'utf8')).map(({ text }) => text);
}

function unused(): never {
  throw new Error('Nothing of this is needed to convert files.');
}
