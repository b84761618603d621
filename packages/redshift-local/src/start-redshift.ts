import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';
import type { DataApi } from './data-api/data-api.ts';
import { ResultFiles } from './data-api/result-files.ts';
import { Sessions } from './data-api/sessions.ts';
import { StatementStore } from './data-api/statement-store.ts';
import { Statements } from './data-api/statements.ts';
import { loadDialect } from './dialect/translate.ts';
import { startPostgres } from './engine/postgres.ts';
import { prepareDatabase } from './engine/prepare-database.ts';
import { QueryIds } from './engine/query-ids.ts';
import type { Engine } from './engine/session.ts';
import { startHttpServer } from './http-server.ts';
import { Cluster } from './management/cluster.ts';
import type { ClusterControl } from './management/route-management.ts';

export type RedshiftOptions = {
  readonly dataDir: string;
  readonly host: string;
  /** Data API and management API; 0 = any free port. */
  readonly port: number;
  readonly postgresPort: number;
  /** A PostgreSQL server to use instead of the embedded one; the user must be allowed to create a database. */
  readonly postgresUrl?: string;
  readonly clusterIdentifier: string;
  readonly database: string;
  readonly masterUser: string;
  readonly region: string;
  /** Roles that COPY may assume. */
  readonly attachedRoleArns: readonly string[];
  /** Where COPY reads; by default the AWS SDK decides (AWS_ENDPOINT_URL_S3, else real S3). */
  readonly s3Endpoint?: string;
  /** The credentials of COPY's requests; by default those that the AWS SDK finds. */
  readonly s3Credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly log: (line: string) => void;
  /** Where the lines of the log are, for error messages. */
  readonly logFile?: string;
  /** Called when the embedded PostgreSQL ends without having been stopped: from then on every statement fails. */
  readonly onDatabaseEnd?: () => void;
};

export type RunningRedshift = {
  /** For AWS_ENDPOINT_URL_REDSHIFT_DATA and AWS_ENDPOINT_URL_REDSHIFT. */
  readonly url: string;
  /** For psql; bypasses the Redshift dialect. */
  readonly psqlUrl: string;
  stop(): Promise<void>;
};

/**
 * Starts the embedded Redshift: PostgreSQL underneath, the Data API and the management API over HTTP on top. Returns
 * when it takes calls. `stop` ends running statements, keeps committed data, and leaves no process behind.
 *
 * @throws LocalStackError when a port or the data directory is in use, or the directory is of another version.
 */
export async function startRedshift(options: RedshiftOptions): Promise<RunningRedshift> {
  const releases: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const release of releases.splice(0).reverse()) await release();
  };
  try {
    const [serverUrl] = await Promise.all([startServer(options, releases), loadDialect()]);
    const databaseUrl = await prepareDatabase(serverUrl, options.database);
    const control = new pg.Pool({ connectionString: databaseUrl, max: 8, options: '-c synchronous_commit=off' });
    // During the stop, the server ends idle connections before the client has closed them.
    control.on('error', (error) => {
      if (!control.ending) options.log(`redshift: ${error.message}`);
    });
    releases.push(async () => await control.end());
    const s3 = new S3Client({
      region: options.region,
      ...(options.s3Endpoint === undefined ? {} : { endpoint: options.s3Endpoint, forcePathStyle: true }),
      ...(options.s3Credentials === undefined ? {} : { credentials: options.s3Credentials }),
    });
    releases.push(async () => {
      s3.destroy();
      await Promise.resolve();
    });
    const engine: Engine = {
      databaseUrl,
      database: options.database,
      control,
      s3,
      clusterIdentifier: options.clusterIdentifier,
      attachedRoleArns: options.attachedRoleArns,
    };
    const { api, clusterControl } = await assemble(options, engine, releases);
    const server = await startHttpServer({
      host: options.host,
      port: options.port,
      api,
      control: clusterControl,
      log: options.log,
      ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
    });
    releases.push(async () => await server.stop());
    return { url: server.url, psqlUrl: databaseUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startServer(options: RedshiftOptions, releases: (() => Promise<void>)[]): Promise<string> {
  if (options.postgresUrl !== undefined) return options.postgresUrl;
  const server = await startPostgres({
    dataDir: options.dataDir,
    host: options.host,
    port: options.postgresPort,
    superuser: options.masterUser,
    log: options.log,
    ...(options.onDatabaseEnd === undefined ? {} : { onEnd: options.onDatabaseEnd }),
  });
  releases.push(async () => await server.stop());
  return server.url;
}

async function assemble(
  options: RedshiftOptions,
  engine: Engine,
  releases: (() => Promise<void>)[],
): Promise<{ api: DataApi; clusterControl: ClusterControl }> {
  const { control } = engine;
  const endpoint = new URL(engine.databaseUrl);
  const cluster = new Cluster({
    identifier: options.clusterIdentifier,
    database: options.database,
    masterUser: options.masterUser,
    region: options.region,
    roleArns: options.attachedRoleArns,
    endpoint: { host: endpoint.hostname, port: Number(endpoint.port || 5432) },
  });
  const store = new StatementStore(control);
  const files = new ResultFiles(join(options.dataDir, 'redshift-results'));
  await store.recover(Date.now());
  releases.push(
    await keepHouse(options, async () => {
      await store.removeOld(Date.now());
      await files.removeOld(Date.now());
    }),
  );
  const sessions = new Sessions(engine);
  const statements = new Statements({ engine, store, sessions, files, queryIds: new QueryIds(control) });
  const breakAll = async () => {
    await statements.breakAll();
    await sessions.closeAll();
  };
  releases.push(breakAll);
  const clusterControl: ClusterControl = { cluster, pause: breakAll, resume: async () => await Promise.resolve() };
  return { api: { cluster, statements, sessions, store, files, control }, clusterControl };
}

const hourMs = 3_600_000;

/** Does the work now and every hour until released. */
async function keepHouse(options: RedshiftOptions, work: () => Promise<void>): Promise<() => Promise<void>> {
  await work();
  const timer = setInterval(() => {
    work().catch((error: unknown) => options.log(`redshift: cleaning up failed: ${String(error)}`));
  }, hourMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await Promise.resolve();
  };
}
