import { findDeadLetterQueue } from '../aws/dead-letter-queue.ts';
import { countMessages } from '../aws/queue-counts.ts';
import { IngestError } from '../core/errors.ts';
import { ingestErrorFrom } from '../core/ingest-error-from.ts';
import { expectedMs } from '../core/measures.ts';
import type { Warehouse } from '../core/ports.ts';
import type { Looking } from '../look/ask.ts';
import { readReports } from '../look/read-reports.ts';
import type { Failure, QueueStatus, Status } from '../look/status.ts';
import { statusOf } from '../look/status.ts';
import type { WarehouseStatus } from '../look/warehouse-status.ts';
import { readDatasets, readWarehouseStatus } from '../look/warehouse-status.ts';
import type { OpenFiles } from '../observe/metrics/consumer-metrics.ts';
import { checkSchema } from '../schema/check-schema.ts';
import { migrationFiles } from '../schema/migrate.ts';
import { newRunId, openWarehouse } from './compose.ts';
import type { Parts } from './compose.ts';
import type { Config } from './config.ts';
import { realClock, realRandom } from './real.ts';

/** The warehouse as commands that only read it ask it. Connects at the first question. */
export function openLooking(
  parts: Parts,
  config: Config<'warehouse'>,
  signal: AbortSignal,
  warehouse: Warehouse = openWarehouse(parts, config),
): Looking {
  const run = newRunId();
  let asked = 0;
  return {
    session: warehouse.openSession(),
    library: parts.library,
    schema: config.warehouse.schema,
    token: () => `look-${run}-${(asked += 1)}`,
    signal,
  };
}

/** As `openLooking`, after a check that the tables have the version of this program. @throws IngestError as `checkSchema` does. */
export async function openCheckedLooking(
  parts: Parts,
  config: Config<'warehouse'>,
  signal: AbortSignal,
): Promise<Looking> {
  const { library } = parts;
  const { schema } = config.warehouse;
  await checkSchema({ warehouse: openWarehouse(parts, config), library, random: realRandom, schema }, signal);
  return openLooking(parts, config, signal);
}

/** Reads what is open in the ledger, in a session of its own. The tables have to be those of this program. */
export function openLedger(
  parts: Parts,
  input: {
    readonly config: Config<'warehouse'>;
    readonly counted: (warehouse: Warehouse) => Warehouse;
    readonly signal: AbortSignal;
  },
): () => Promise<readonly OpenFiles[]> {
  const { config, counted, signal } = input;
  const looking = openLooking(parts, config, signal, counted(openWarehouse(parts, config)));
  return async () => await readDatasets(looking);
}

export type StatusConfig = Config<'bucket' | 'queue' | 'batching'>;

/** Under `--watch`, status asks the warehouse at most this often. */
const WAREHOUSE_EVERY_MS = 60_000;

/**
 * Reads the status again and again. A part that cannot be read has its error in its place.
 *
 * @param config.warehouse `null`: do not ask the warehouse.
 */
export function openStatus(
  parts: Parts,
  config: StatusConfig & { readonly forWarehouse: Config<'warehouse'> | null },
  signal: AbortSignal,
): () => Promise<Status> {
  const { forWarehouse } = config;
  const { name: bucket, workPrefix } = config.bucket;
  const looking = forWarehouse === null ? null : openLooking(parts, forWarehouse, signal);
  let last: { readonly status: WarehouseStatus | Failure; readonly atMs: number } | null = null;
  const warehouse = async (atMs: number): Promise<WarehouseStatus | Failure | null> => {
    if (looking === null || forWarehouse === null) return null;
    if (last !== null && atMs - last.atMs < WAREHOUSE_EVERY_MS) return last.status;
    const status = await orFailure(signal, async () => {
      const { library, schema } = looking;
      await checkSchema({ warehouse: openWarehouse(parts, forWarehouse), library, random: realRandom, schema }, signal);
      return await readWarehouseStatus(looking, { atMs, version: migrationFiles(library).at(-1)?.number ?? 0 });
    });
    last = { status, atMs };
    return status;
  };
  return async () => {
    const atMs = realClock.nowMs();
    const [reports, queue, ledger] = await Promise.all([
      orFailure(signal, async () => await readReports(parts.store, { bucket, workPrefix, nowMs: atMs }, signal)),
      orFailure(signal, async () => await queueStatus(parts, config, signal)),
      warehouse(atMs),
    ]);
    return statusOf({ atMs, bucket, reports, queue, warehouse: ledger, expectedMs: expectedMs(config.batching) });
  };
}

async function queueStatus(parts: Parts, config: StatusConfig, signal: AbortSignal): Promise<QueueStatus> {
  const { sqs } = parts.clients;
  const { deadLetterUrl, url } = config.queue;
  const counts = await countMessages(sqs, url, signal);
  const deadLetterQueue = deadLetterUrl ?? (await deadLetterQueueOf(parts, url, signal));
  if (deadLetterQueue === null) return { url, ...counts, deadLetters: null };
  const dead = await countMessages(sqs, deadLetterQueue, signal);
  return { url, ...counts, deadLetters: dead.visible + dead.inFlight + dead.delayed };
}

async function deadLetterQueueOf(parts: Parts, url: string, signal: AbortSignal): Promise<string | null> {
  try {
    return await findDeadLetterQueue(parts.clients.sqs, url, signal);
  } catch (error) {
    if (error instanceof IngestError && error.code === 'config_invalid') return null;
    throw error;
  }
}

async function orFailure<T>(signal: AbortSignal, read: () => Promise<T>): Promise<T | Failure> {
  try {
    return await read();
  } catch (error) {
    if (signal.aborted) throw error;
    const { code, message } = ingestErrorFrom(error);
    return { error: { code, message } };
  }
}
