import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';
import type { DataApi } from './data-api/data-api.ts';
import { switchRulesOff } from './rules/rules.ts';
import { ResultFiles } from './data-api/result-files.ts';
import { Sessions } from './data-api/sessions.ts';
import { StatementStore } from './data-api/statement-store.ts';
import { Statements } from './data-api/statements.ts';
import { loadDialect } from './dialect/translate.ts';
import { GrownTables } from './engine/analyze-grown.ts';
import { sessionConnections } from './engine/connections.ts';
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
  /** Ids of switchable rules (CONFORMANCE.md) that this process does not keep. */
  readonly withoutRules?: readonly string[];
  /** Where COPY reads; by default the AWS SDK decides (AWS_ENDPOINT_URL_S3, else real S3). */
  readonly s3Endpoint?: string;
  /** The credentials of COPY's requests; by default those that the AWS SDK finds. */
  readonly s3Credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly log: (line: string) => void;
  /** Where the lines of the log are, for error messages. */
  readonly logFile?: string;
};

export type RunningRedshift = {
  /** For AWS_ENDPOINT_URL_REDSHIFT_DATA and AWS_ENDPOINT_URL_REDSHIFT. */
  readonly url: string;
  /** For psql; bypasses the Redshift dialect. */
  readonly psqlUrl: string;
  /** Resolves when the embedded PostgreSQL has ended without being stopped: nothing works any more, and `stop` is left to do. */
  readonly died: Promise<void>;
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
  let isDead = false;
  const death = Promise.withResolvers<undefined>();
  const onDeath = () => death.resolve(void (isDead = true));
  const stop = async () => {
    for (const release of releases.splice(0).reverse()) {
      // Without its server, a connection cannot say goodbye.
      await release().catch((error: unknown) => {
        if (!isDead) throw error;
      });
    }
  };
  try {
    const isOwn = options.postgresUrl === undefined;
    switchRulesOff(options.withoutRules ?? []);
    const [serverUrl] = await Promise.all([startServer(options, releases, onDeath), loadDialect()]);
    const databaseUrl = await prepareDatabase(serverUrl, options.database, { isOwn });
    if (!isOwn) options.log(NOT_ITS_OWN);
    const control = new pg.Pool({ connectionString: databaseUrl, max: 8, options: '-c synchronous_commit=off' });
    // During the stop, the server ends idle connections before the client has closed them.
    control.on('error', (error) => {
      if (!control.ending && !isDead) options.log(`redshift: ${error.message}`);
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
    const connections = sessionConnections(databaseUrl);
    releases.push(async () => await connections.end());
    const engine: Engine = {
      connections,
      grown: new GrownTables(),
      database: options.database,
      isOwn,
      control,
      s3,
      clusterIdentifier: options.clusterIdentifier,
      attachedRoleArns: options.attachedRoleArns,
    };
    const { api, clusterControl } = await assemble(options, engine, new URL(databaseUrl), releases);
    const server = await startHttpServer({
      host: options.host,
      port: options.port,
      api,
      control: clusterControl,
      log: options.log,
      ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
    });
    releases.push(async () => await server.stop());
    return { url: server.url, psqlUrl: databaseUrl, died: death.promise, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const NOT_ITS_OWN =
  "redshift: the PostgreSQL server is not the stand-in's own, so two rules of Redshift are off: trailing blanks count when text is " +
  'compared, and every user may do everything.';

async function startServer(
  options: RedshiftOptions,
  releases: (() => Promise<void>)[],
  onDeath: () => void,
): Promise<string> {
  if (options.postgresUrl !== undefined) return options.postgresUrl;
  const server = await startPostgres({
    dataDir: options.dataDir,
    host: options.host,
    port: options.postgresPort,
    superuser: options.masterUser,
    log: options.log,
    onDeath,
  });
  releases.push(async () => await server.stop());
  return server.url;
}

async function assemble(
  options: RedshiftOptions,
  engine: Engine,
  endpoint: URL,
  releases: (() => Promise<void>)[],
): Promise<{ api: DataApi; clusterControl: ClusterControl }> {
  const { control } = engine;
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
  const { log } = options;
  const statements = new Statements({ engine, store, sessions, files, queryIds: new QueryIds(control), log });
  const breakAll = async () => {
    await statements.breakAll();
    await sessions.closeAll();
  };
  releases.push(breakAll);
  const clusterControl: ClusterControl = { cluster, pause: breakAll };
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
