import { randomUUID } from 'node:crypto';
import { createClients } from '../aws/clients.ts';
import { createRedshiftWarehouse } from '../aws/redshift-warehouse.ts';
import { createS3ObjectStore } from '../aws/s3-object-store.ts';
import { createQueueFeed } from '../aws/queue-feed.ts';
import { SqsQueue } from '../aws/sqs-queue.ts';
import { createSurroundings } from '../aws/surroundings.ts';
import { BACKFILL_MAX_BYTES } from '../backfill/plan-backfill.ts';
import type { Measure } from '../backfill/measured-backfill.ts';
import { CONSUMER_DEFAULTS } from '../consumer/consumer-settings.ts';
import { Consumer } from '../consumer/run-consumer.ts';
import { BOUNDS } from '../core/bounds.ts';
import { createFindLacking } from '../loaders/find-lacking.ts';
import { createLoadBatch } from '../loaders/load-batch.ts';
import { createPlanRetraction, retractionBatch } from '../loaders/retract.ts';
import { openSqlLibrary } from '../sql/sql-library.ts';
import { jsonLogger, terminalLogger } from '../observe/logger.ts';
import { realClock, realRandom } from './real.ts';
import type { AwsClients } from '../aws/clients.ts';
import type { ClusterControl } from '../aws/redshift-cluster.ts';
import type { BackfillParts } from '../backfill/run-backfill.ts';
import type { Emit } from '../core/events.ts';
import type { RouteSettings } from '../core/route.ts';
import type { ObjectStore, Queue, QueueFeed, Warehouse } from '../core/ports.ts';
import type { LogKeyNames } from '../datasets/logs/judge-event.ts';
import type { LoadParts } from '../loaders/load-context.ts';
import type { SqlLibrary } from '../sql/sql-library.ts';
import type { DoctorParts } from '../doctor/run-doctor.ts';
import { processEnvironment } from './config.ts';
import type { BaseConfig, Config } from './config.ts';

export type ConsumerConfig = Config<'bucket' | 'queue' | 'warehouse' | 'copy' | 'batching'>;

/** What commands work with. `close` closes all connections. */
export type Parts = {
  readonly clients: AwsClients;
  readonly store: ObjectStore;
  readonly library: SqlLibrary;
  /** When S3 or the Data API last answered, epoch ms; `null` before the first answer. */
  loadAnsweredAtMs(): number | null;
  close(): void;
};

/** Joins the adapters with `core`, for all commands. Does not connect yet. */
export function openParts(config: BaseConfig): Parts {
  let answeredAtMs: number | null = null;
  const clients = createClients(config.region, BOUNDS, () => (answeredAtMs = realClock.nowMs()));
  return {
    clients,
    store: createS3ObjectStore(clients.s3),
    library: openSqlLibrary(),
    loadAnsweredAtMs: () => answeredAtMs,
    close: () => clients.destroy(),
  };
}

export function openWarehouse(parts: Parts, config: Config<'warehouse'>): Warehouse {
  return createRedshiftWarehouse({
    client: parts.clients.redshiftData,
    target: config.warehouse,
    clock: realClock,
    random: realRandom,
  });
}

/** A unique name of one run of a command, for its files and statements: twelve letters and digits. */
export function newRunId(): string {
  return randomUUID().replaceAll('-', '').slice(0, 12);
}

/** The parts of the loader, for the consumer, for backfills and for sweeps. */
export function loaderParts(
  parts: Parts,
  input: {
    config: Config<'bucket' | 'warehouse' | 'copy'>;
    warehouse: Warehouse;
    logKeyNames?: LogKeyNames | undefined;
    emit: Emit;
  },
): LoadParts & { readonly warehouse: Warehouse } {
  const { config, warehouse, logKeyNames, emit } = input;
  return {
    store: parts.store,
    clock: realClock,
    random: realRandom,
    emit,
    library: parts.library,
    warehouse,
    settings: {
      ...routeSettings(config),
      schema: config.warehouse.schema,
      copyRoleArn: config.copy.roleArn,
      logKeyNames,
      rejectedRowsMax: config.copy.rejectedRowsMax,
      consumer: config.consumerName,
    },
  };
}

export function openQueue(parts: Parts, config: Config<'queue'>): Queue {
  const { url: queueUrl, deadLetterUrl: deadLetterQueueUrl } = config.queue;
  return new SqsQueue({ client: parts.clients.sqs, queueUrl, deadLetterQueueUrl });
}

/** The queue, for `backfill --enqueue`. */
export function openQueueFeed(parts: Parts, config: Config<'queue'>): QueueFeed {
  return createQueueFeed(parts.clients.sqs, config.queue.url);
}

/** The management API of one cluster. Its client is loaded only then. */
export async function openClusterControl(parts: Parts, identifier: string): Promise<ClusterControl> {
  const { createClusterControl } = await import('../aws/redshift-cluster.ts');
  return createClusterControl(await parts.clients.redshift(), identifier);
}

/** The parts of `doctor`. */
export function openDoctor(
  parts: Parts,
  { config, warehouse }: { config: Config<'bucket' | 'queue' | 'warehouse' | 'copy'>; warehouse: Warehouse },
): DoctorParts {
  return {
    surroundings: createSurroundings(parts.clients),
    store: parts.store,
    warehouse,
    library: parts.library,
    clock: realClock,
    random: realRandom,
    environment: processEnvironment(),
    settings: {
      region: config.region,
      route: routeSettings(config),
      queueUrl: config.queue.url,
      deadLetterUrl: config.queue.deadLetterUrl,
      visibilitySeconds: config.queue.visibilitySeconds,
      schema: config.warehouse.schema,
      clusterIdentifier: config.warehouse.clusterIdentifier,
      copyRoleArn: config.copy.roleArn,
    },
  };
}

/** A consumer, ready to run. */
export function openConsumer(
  parts: Parts,
  input: {
    config: ConsumerConfig;
    warehouse: Warehouse;
    logKeyNames?: LogKeyNames | undefined;
    emit: Emit;
    until: 'stopped' | 'idle';
    queue?: Queue;
  },
): Consumer {
  const { config, emit, until } = input;
  const { url: queueUrl, visibilitySeconds } = config.queue;
  return new Consumer({
    queue: input.queue ?? openQueue(parts, config),
    loadBatch: createLoadBatch(loaderParts(parts, input)),
    clock: realClock,
    random: realRandom,
    emit,
    loadAnsweredAtMs: () => parts.loadAnsweredAtMs(),
    settings: {
      ...CONSUMER_DEFAULTS,
      ...config.batching,
      consumer: config.consumerName,
      queueUrl,
      route: routeSettings(config),
      visibilitySeconds,
      until,
    },
  });
}

/** The parts of `retract`: the plan, and the load of its batch. */
export function openRetraction(
  parts: Parts,
  input: { config: Config<'bucket' | 'warehouse' | 'copy'>; warehouse: Warehouse; emit: Emit },
) {
  const forLoading = loaderParts(parts, input);
  return {
    plan: createPlanRetraction(forLoading),
    batch: (plan: Parameters<typeof retractionBatch>[1]) => retractionBatch(forLoading, plan),
    loadBatch: createLoadBatch(forLoading),
    clock: realClock,
    random: realRandom,
  };
}

/** The parts of a backfill. */
export function openBackfill(
  parts: Parts,
  input: {
    config: Config<'bucket' | 'warehouse' | 'copy' | 'batching'>;
    warehouse: Warehouse;
    logKeyNames?: LogKeyNames | undefined;
    emit: Emit;
    measure: Measure;
  },
): BackfillParts {
  const { config, measure } = input;
  const emit = measure.watching(input.emit);
  const forLoading = { ...loaderParts(parts, { ...input, emit }), store: measure.counting(parts.store) };
  return {
    store: parts.store,
    loadBatch: createLoadBatch(forLoading),
    findLacking: createFindLacking(forLoading),
    clock: realClock,
    random: realRandom,
    emit,
    settings: {
      ...routeSettings(config),
      maxFiles: config.batching.batchMaxFiles,
      maxBytes: BACKFILL_MAX_BYTES,
      consumer: config.consumerName,
    },
  };
}

/** The log of a command that shows what it does: only warnings and errors by default, and nothing once the signal has come. */
export function openCommandLog(
  config: BaseConfig,
  { io, isJson, signal }: { io: { err: (text: string) => void }; isJson: boolean; signal: AbortSignal },
): Emit {
  const level = config.logLevel === 'info' ? 'warn' : config.logLevel;
  const log = isJson
    ? jsonLogger({ level, consumer: config.consumerName })
    : terminalLogger({ level, nowMs: () => realClock.nowMs(), write: io.err });
  return (event) => {
    if (!signal.aborted) log(event);
  };
}

/** JSON lines, unless standard error is a terminal. */
export function openLog(config: BaseConfig, io: { err: (text: string) => void; isTerminal: boolean }): Emit {
  const level = config.logLevel;
  return io.isTerminal
    ? terminalLogger({ level, nowMs: () => realClock.nowMs(), write: io.err })
    : jsonLogger({ level, consumer: config.consumerName });
}

export function routeSettings(config: Config<'bucket'>): RouteSettings {
  const { name: bucket, logPrefix, onDelete, songPrefix, workPrefix } = config.bucket;
  return { bucket, logPrefix, onDelete, songPrefix, workPrefix };
}
