import { createHash } from 'node:crypto';
import type { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { realClock, realRandom } from '../../src/app/real.ts';
import { createClients } from '../../src/aws/clients.ts';
import { createS3ObjectStore } from '../../src/aws/s3-object-store.ts';
import type { Lane } from '../../src/core/dataset.ts';
import type { Emit, IngestEvent } from '../../src/core/events.ts';
import type { FileEvent } from '../../src/core/file-event.ts';
import type { Batch, BatchId, FindLacking, LoadBatch, LoadOutcome } from '../../src/core/load.ts';
import type { ObjectStore, Warehouse } from '../../src/core/ports.ts';
import { createFindLacking } from '../../src/loaders/find-lacking.ts';
import { createLoadBatch } from '../../src/loaders/load-batch.ts';
import type { LoadParts, LoadSettings } from '../../src/loaders/load-context.ts';
import { openSqlLibrary } from '../../src/sql/sql-library.ts';
import { migrateSchema } from './migrate-schema.ts';
import { stackWarehouse } from './stack-warehouse.ts';
import type { TestPlace, TestStack } from './stack.ts';

/** The real loader in a place of its own, with tables, and what tests ask of it. */
export type Loading = {
  readonly settings: LoadSettings;
  readonly store: ObjectStore;
  readonly warehouse: Warehouse;
  readonly events: readonly IngestEvent[];
  readonly loadBatch: LoadBatch;
  readonly findLacking: FindLacking;
  /** Puts an object as a user would; returns the event that its notification would carry. */
  put(key: string, body: string | Uint8Array): Promise<FileEvent>;
  load(lane: Lane, files: readonly FileEvent[], more?: Partial<Batch>): Promise<LoadOutcome>;
  /** Loads those of the listed files that the ledger lacks, as a backfill does. */
  backfill(lane: Lane, listed: readonly FileEvent[]): Promise<LoadOutcome>;
  /** Another loader, as in another process. */
  anotherLoader(
    parts?: Partial<Pick<LoadParts, 'store' | 'clock' | 'emit' | 'library' | 'readLimits'>> & { warehouse?: Warehouse },
  ): LoadBatch;
  /** The place's warehouse through another client. */
  warehouseThrough(client: RedshiftDataClient): Warehouse;
  /** Rows of a query in the place's schema. */
  rows(sql: string): Promise<Record<string, unknown>[]>;
  counts(): Promise<Record<string, number>>;
  /** The five tables without what depends on batches, for comparing two places. */
  star(): Promise<Record<string, unknown[]>>;
};

const NEVER = new AbortController().signal;
let batches = 0;
let sequence = 0;

export function aBatch(lane: Lane, files: readonly FileEvent[], more: Partial<Batch> = {}): Batch {
  batches += 1;
  return {
    id: `20181115T120000-${process.pid.toString(16).padStart(6, '0')}${String(batches).padStart(6, '0')}` as BatchId,
    lane,
    source: 'live',
    closeReason: 'idle',
    restedMs: 0,
    files,
    bytes: files.reduce((sum, file) => sum + file.size, 0),
    openedAtMs: Date.parse('2018-11-15T12:00:00Z'),
    closedAtMs: Date.parse('2018-11-15T12:00:02Z'),
    ...more,
  };
}

export async function startLoading(
  stack: Pick<TestStack, 'place' | 'pool' | 's3'>,
  place?: TestPlace,
  changed: Partial<LoadSettings> = {},
): Promise<Loading> {
  const { bucket, environment, schema } = place ?? (await stack.place({ notifiedPrefixes: [] }));
  const clients = createClients(environment['AWS_REGION'] ?? '');
  const store = createS3ObjectStore(clients.s3);
  const warehouseThrough = (client: RedshiftDataClient): Warehouse => stackWarehouse(client, environment);
  const warehouse = warehouseThrough(clients.redshiftData);
  const library = openSqlLibrary();
  const settings: LoadSettings = {
    bucket,
    schema,
    songPrefix: 'song_data/',
    logPrefix: 'log_data/',
    workPrefix: 'sparkify-work/',
    onDelete: 'keep',
    copyRoleArn: environment['SPARKIFY_COPY_ROLE_ARN'] ?? '',
    consumer: 'test',
    rejectedRowsMax: 10_000,
    ...changed,
  };
  await migrateSchema({ warehouse, pool: stack.pool }, schema);
  const events: IngestEvent[] = [];
  const loader: Loading['anotherLoader'] = (parts = {}) =>
    createLoadBatch({
      store,
      warehouse,
      clock: realClock,
      random: realRandom,
      emit: (event) => void events.push(event),
      library,
      ...parts,
      settings,
    });
  const loadBatch = loader();
  const emit: Emit = (event) => void events.push(event);
  const findLacking = createFindLacking({
    store,
    warehouse,
    clock: realClock,
    random: realRandom,
    emit,
    library,
    settings,
  });
  const rows = async (sql: string) => {
    const client = await stack.pool.connect();
    try {
      await client.query(`set search_path to "${schema}"`);
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.query('reset search_path');
      client.release();
    }
  };
  return {
    settings,
    store,
    warehouse,
    events,
    loadBatch,
    findLacking,
    put: async (key, body) => {
      const bytes = typeof body === 'string' ? Buffer.from(body) : body;
      // S3 stores the object in this second or a later one.
      const eventTimeMs = Date.now();
      await stack.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }));
      sequence += 1;
      return {
        change: 'put',
        bucket,
        key,
        etag: createHash('md5').update(bytes).digest('hex'),
        versionId: null,
        sequencer: sequence.toString(16).toUpperCase().padStart(16, '0'),
        size: bytes.byteLength,
        eventTimeMs,
      };
    },
    load: async (lane, files, more) => await loadBatch(aBatch(lane, files, more), NEVER),
    backfill: async (lane, listed) => {
      const source = { source: 'backfill' } as const;
      const { lacking } = await findLacking(aBatch(lane, listed, source), NEVER);
      return await loadBatch(aBatch(lane, lacking, source), NEVER);
    },
    anotherLoader: loader,
    warehouseThrough,
    rows,
    counts: async () => await tableCounts(rows),
    star: async () => await starRows(rows),
  };
}

async function tableCounts(rows: Loading['rows']): Promise<Record<string, number>> {
  const tables = ['songplays', 'users', 'songs', 'artists', 'time'];
  const counted = await rows(
    tables.map((table) => `select '${table}' as name, count(*)::int as n from ${table}`).join(' union all '),
  );
  return Object.fromEntries(
    tables.map((table) => [table, Number(counted.find((row) => row['name'] === table)?.['n'])]),
  );
}

async function starRows(rows: Loading['rows']): Promise<Record<string, unknown[]>> {
  const columns = {
    songplays:
      'songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location, user_agent, item_in_session, song_title, artist_name, song_length',
    users: 'user_id, first_name, last_name, gender, level, last_event_at',
    songs: 'song_id, title, artist_id, year, duration',
    artists: 'artist_id, name, location, latitude, longitude',
    time: 'start_time, hour, day, week, month, year, weekday',
  };
  const read = Object.entries(columns).map(
    async ([table, names]) => [table, await rows(`select ${names} from ${table} order by 1`)] as const,
  );
  return Object.fromEntries(await Promise.all(read));
}
