import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedshiftClient } from '@aws-sdk/client-redshift';
import type {
  BatchExecuteStatementInput,
  DescribeStatementResponse,
  ExecuteStatementInput,
  Field,
} from '@aws-sdk/client-redshift-data';
import {
  BatchExecuteStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, inject } from 'vitest';
import type { RunningRedshift } from '../src/start-redshift.ts';
import { cluster, startForTests } from './redshift-of-workers.ts';
import { ofThisWorker } from './serve-workers.ts';

/**
 * A real cluster to hold the stand-in to: the conformance tests run against it instead when these are set (with the
 * credentials and the region that the AWS SDK finds).
 */
const real = {
  cluster: process.env['REDSHIFT_LOCAL_CONFORMANCE_CLUSTER'],
  database: process.env['REDSHIFT_LOCAL_CONFORMANCE_DATABASE'] ?? 'dev',
  dbUser: process.env['REDSHIFT_LOCAL_CONFORMANCE_DB_USER'],
};

export const onRealCluster = real.cluster !== undefined;

type Outcome = DescribeStatementResponse & { readonly values: readonly (readonly unknown[])[] };

export type Redshift = {
  readonly data: RedshiftDataClient;
  readonly management: RedshiftClient;
  /** Which database, for calls outside a session. */
  readonly target: { ClusterIdentifier: string; Database: string; DbUser?: string };
  /** A schema of this file's own. */
  readonly schema: string;
  readonly local: LocalUrls;
  /** Runs one statement until it finishes or fails, and reads its rows. */
  run(sql: string, input?: Partial<ExecuteStatementInput>): Promise<Outcome>;
  batch(sqls: readonly string[], input?: Partial<BatchExecuteStatementInput>): Promise<DescribeStatementResponse>;
  /** Stops the stand-in and starts it again on the same data; only of a file that has its own. */
  restart(): Promise<void>;
};

type LocalUrls = Pick<RunningRedshift, 'url' | 'psqlUrl'>;

/**
 * Call it once at the top of a test file.
 *
 * @param isOwn a stand-in of the file's own, and not the one that the files of this worker share.
 */
export function useRedshift({ isOwn = false } = {}): Redshift {
  let now: Connected | undefined;
  const connected = (): Connected => {
    if (now === undefined) throw new Error('Use it inside tests and hooks.');
    return now;
  };
  const schema = `conformance_${randomBytes(4).toString('hex')}`;
  beforeAll(async () => {
    now = await connect(isOwn);
    await runWith(now, `create schema ${schema}`, {});
  });
  afterAll(async () => {
    if (now === undefined) return;
    await runWith(now, `drop schema ${schema} cascade`, {});
    await now.stop();
  });
  return {
    schema,
    get data() {
      return connected().data;
    },
    get management() {
      return connected().management;
    },
    get target() {
      return connected().target;
    },
    get local() {
      const { local } = connected();
      if (local === null) throw new Error('There is no stand-in: a real cluster is tested.');
      return local;
    },
    run: async (sql, input = {}) => await runWith(connected(), sql, input),
    batch: async (sqls, input = {}) => await batchWith(connected(), sqls, input),
    restart: async () => {
      now = await connected().restart();
    },
  };
}

type Connected = Pick<Redshift, 'data' | 'management' | 'target'> & {
  readonly local: LocalUrls | null;
  stop(): Promise<void>;
  restart(): Promise<Connected>;
};

async function connect(isOwn: boolean): Promise<Connected> {
  if (real.cluster !== undefined) {
    const target = {
      ClusterIdentifier: real.cluster,
      Database: real.database,
      ...(real.dbUser && { DbUser: real.dbUser }),
    };
    const nothing = async () => await Promise.resolve();
    const clients = { data: new RedshiftDataClient({}), management: new RedshiftClient({}) };
    const connected: Connected = {
      ...clients,
      target,
      local: null,
      stop: nothing,
      restart: () => Promise.resolve(connected),
    };
    return connected;
  }
  if (isOwn) return await startOwn(await mkdtemp(join(tmpdir(), 'redshift-local-api-')));
  return connectLocally(await ofThisWorker<LocalUrls>(inject('redshiftsUrl')), {
    stop: async () => await Promise.resolve(),
    restart: () => Promise.reject(new Error('Other files use this stand-in: restart one with isOwn.')),
  });
}

async function startOwn(dataDir: string): Promise<Connected> {
  const local = await startForTests(dataDir);
  return connectLocally(local, {
    async stop() {
      await local.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
    async restart() {
      await local.stop();
      return await startOwn(dataDir);
    },
  });
}

function connectLocally(local: LocalUrls, life: Pick<Connected, 'stop' | 'restart'>): Connected {
  const config = {
    endpoint: local.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  };
  return {
    data: new RedshiftDataClient({ ...config, maxAttempts: 1 }),
    management: new RedshiftClient(config),
    local,
    target: { ClusterIdentifier: cluster, Database: 'dev', DbUser: 'awsuser' },
    ...life,
  };
}

async function runWith(connected: Connected, sql: string, input: Partial<ExecuteStatementInput>): Promise<Outcome> {
  const { data, target } = connected;
  const place = input.SessionId === undefined ? target : {};
  const { Id } = await data.send(new ExecuteStatementCommand({ ...place, Sql: sql, WaitTimeSeconds: 30, ...input }));
  const described = await data.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }));
  if (described.HasResultSet !== true || described.ResultFormat === 'CSV') return { ...described, values: [] };
  const result = await data.send(new GetStatementResultCommand({ Id }));
  return { ...described, values: result.Records?.map((row) => row.map(valueOf)) ?? [] };
}

async function batchWith(connected: Connected, sqls: readonly string[], input: Partial<BatchExecuteStatementInput>) {
  const { data, target } = connected;
  const place = input.SessionId === undefined ? target : {};
  const call = new BatchExecuteStatementCommand({ ...place, Sqls: [...sqls], WaitTimeSeconds: 30, ...input });
  const { Id } = await data.send(call);
  return await data.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }));
}

/** The one value of a Field; NULL is `null`. */
export function valueOf(field: Field): unknown {
  if (field.isNull === true) return null;
  return Object.values(field).find((value) => value !== undefined);
}
