import { resolve } from 'node:path';
import { LocalStackError, startRedshift } from 'redshift-local';
import { checkPorts } from './check-ports.ts';
import type { WantedPort } from './check-ports.ts';
import { lockDataDirectory } from './data-directory-lock.ts';
import { prepareDataDirectory } from './data-directory-version.ts';
import { startObjectStore } from './object-store/start-object-store.ts';
import { createBucket, createQueues, LOCAL_CREDENTIALS, notifyQueue } from './provision.ts';
import { stackLog } from './stack-log.ts';
import type { StackLog } from './stack-log.ts';
import { LOCAL_STACK_DEFAULTS } from './stack-options.ts';
import type { LocalStackOptions, LocalStackSettings } from './stack-options.ts';

export type LocalStack = {
  /** What the service and the AWS CLI need to use the stack, without the parts that were left out. */
  readonly environment: Readonly<Record<string, string>>;
  /** `null` without Redshift. */
  readonly psqlUrl: string | null;
  /** Resolves when the database has ended without being stopped, with a sentence that names the log: `stop` is left to do. */
  readonly failed: Promise<LocalStackError>;
  /** Stops everything in reverse order; all data is kept. May be called more than once. */
  stop(): Promise<void>;
};

/**
 * Starts S3, SQS and Redshift (or the parts in `only`) and creates bucket, queues and notifications. Resolves when all
 * of it answers; when something fails, what was started is stopped again first.
 *
 * @throws LocalStackError with a sentence for the user: port in use, directory in use or of another layout, …
 */
export async function startLocalStack(options: LocalStackOptions = {}): Promise<LocalStack> {
  const settings: LocalStackSettings = {
    ...LOCAL_STACK_DEFAULTS,
    ...options,
    dataDir: resolve(options.dataDir ?? LOCAL_STACK_DEFAULTS.dataDir),
  };
  const started = new Started();
  try {
    prepareDataDirectory(settings.dataDir);
    const lock = lockDataDirectory(settings.dataDir);
    started.add(() => lock.release());
    await checkPorts(settings.host, wantedPorts(settings));
    const log = stackLog(settings.dataDir, settings.keepLogs, options.log);
    started.add(() => log.close());
    const storage = await startStorage(settings, options, started);
    const warehouse = await startWarehouse(settings, options, storage.s3Endpoint, started, log);
    log.keepOnlyIfAsked();
    return {
      environment: {
        AWS_REGION: settings.region,
        // boto3 and version 1 of the AWS CLI know only this name.
        AWS_DEFAULT_REGION: settings.region,
        ...storage.environment,
        ...warehouse.environment,
        ...options.settings,
      },
      psqlUrl: warehouse.psqlUrl,
      failed: warehouse.died.then(() => log.keep()).then(databaseEnded),
      stop: () => started.stop(),
    };
  } catch (error) {
    await started.stop();
    throw error;
  }
}

function databaseEnded(logFile: string): LocalStackError {
  return new LocalStackError(
    `The database of the embedded stack (PostgreSQL) has ended without being stopped. Its last lines are in ${logFile}. ` +
      'All committed data are kept: start the stack again.',
  );
}

/** What has been started, in order. Stopping goes backwards and continues after a failure. */
class Started {
  readonly #stops: (() => void | Promise<void>)[] = [];
  #stopped: Promise<void> | null = null;

  add(stop: () => void | Promise<void>): void {
    this.#stops.push(stop);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async #stopAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const stop of this.#stops.reverse()) {
      try {
        await stop();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'The embedded stack did not stop cleanly.');
  }
}

/** Without PostgreSQL's port: after a kill the old server may still be stopping, and the start of the new one waits for it. */
function wantedPorts({ only, port, redshiftPort }: LocalStackSettings): WantedPort[] {
  return [
    ...(only.includes('s3') || only.includes('sqs') ? [{ port, option: '--port', purpose: 'S3 and SQS' }] : []),
    ...(only.includes('redshift')
      ? [{ port: redshiftPort, option: '--redshift-port', purpose: 'Redshift Data API' }]
      : []),
  ];
}

type StartedStorage = { readonly s3Endpoint: string | null; readonly environment: Readonly<Record<string, string>> };

async function startStorage(
  settings: LocalStackSettings,
  options: LocalStackOptions,
  started: Started,
): Promise<StartedStorage> {
  const { only, dataDir, host, port, region, bucket, notifiedPrefixes } = settings;
  const [hasS3, hasSqs] = [only.includes('s3'), only.includes('sqs')];
  if (!hasS3 && !hasSqs) return { s3Endpoint: null, environment: {} };
  const store = await startObjectStore({
    dataDir,
    host,
    port,
    region,
    ...(options.unpleasantness === undefined ? {} : { unpleasantness: options.unpleasantness }),
  });
  started.add(() => store.stop());
  const endpoint = { url: store.url, region };
  if (hasS3) await createBucket(endpoint, bucket);
  const queues = hasSqs ? await createQueues(endpoint, settings) : null;
  if (hasS3 && hasSqs && notifiedPrefixes.length > 0) await notifyQueue(endpoint, settings);
  return {
    s3Endpoint: hasS3 ? store.url : null,
    environment: {
      ...(hasS3 ? { AWS_ENDPOINT_URL_S3: store.url, SPARKIFY_BUCKET: bucket } : {}),
      ...(queues === null
        ? {}
        : { AWS_ENDPOINT_URL_SQS: store.url, AWS_ENDPOINT_URL_STS: store.url, SPARKIFY_QUEUE_URL: queues.queueUrl }),
      // When one of them is a real service, the user's real credentials must stay in force.
      ...(hasS3 && hasSqs
        ? { AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId, AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey }
        : {}),
    },
  };
}

type StartedWarehouse = {
  readonly psqlUrl: string | null;
  readonly died: Promise<void>;
  readonly environment: Readonly<Record<string, string>>;
};

async function startWarehouse(
  settings: LocalStackSettings,
  options: LocalStackOptions,
  ownS3: string | null,
  started: Started,
  log: StackLog,
): Promise<StartedWarehouse> {
  if (!settings.only.includes('redshift'))
    return { psqlUrl: null, died: new Promise(() => undefined), environment: {} };
  const s3Endpoint = ownS3 ?? options.s3Endpoint;
  const redshift = await startRedshift({
    dataDir: settings.dataDir,
    host: settings.host,
    port: settings.redshiftPort,
    postgresPort: settings.postgresPort,
    clusterIdentifier: settings.clusterIdentifier,
    database: settings.database,
    masterUser: settings.masterUser,
    region: settings.region,
    attachedRoleArns: [settings.copyRoleArn],
    log: (line) => log.write(line),
    logFile: log.file,
    ...(options.postgresUrl === undefined ? {} : { postgresUrl: options.postgresUrl }),
    ...(s3Endpoint === undefined ? {} : { s3Endpoint }),
    ...(ownS3 === null ? {} : { s3Credentials: LOCAL_CREDENTIALS }),
  });
  started.add(() => redshift.stop());
  return {
    psqlUrl: redshift.psqlUrl,
    died: redshift.died,
    environment: {
      AWS_ENDPOINT_URL_REDSHIFT_DATA: redshift.url,
      AWS_ENDPOINT_URL_REDSHIFT: redshift.url,
      SPARKIFY_SCHEMA: settings.schema,
      SPARKIFY_COPY_ROLE_ARN: settings.copyRoleArn,
      SPARKIFY_CLUSTER_IDENTIFIER: settings.clusterIdentifier,
      SPARKIFY_DATABASE: settings.database,
      SPARKIFY_DB_USER: settings.masterUser,
      SPARKIFY_LOCAL_PSQL_URL: redshift.psqlUrl,
    },
  };
}
