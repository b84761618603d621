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
import { afterAll, beforeAll } from 'vitest';
import type { RunningRedshift } from '../src/start-redshift.ts';
import { startRedshift } from '../src/start-redshift.ts';

export const cluster = 'redshift-local';

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
  readonly local: RunningRedshift;
  /** Runs one statement until it finishes or fails, and reads its rows. */
  run(sql: string, input?: Partial<ExecuteStatementInput>): Promise<Outcome>;
  batch(sqls: readonly string[], input?: Partial<BatchExecuteStatementInput>): Promise<DescribeStatementResponse>;
  /** Stops the stand-in and starts it again on the same data. */
  restart(): Promise<void>;
};

/** Call it once at the top of a test file. */
export function useRedshift(): Redshift {
  let now: Connected | undefined;
  const connected = (): Connected => {
    if (now === undefined) throw new Error('Use it inside tests and hooks.');
    return now;
  };
  const schema = `conformance_${randomBytes(4).toString('hex')}`;
  beforeAll(async () => {
    now = await connect();
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
  readonly local: RunningRedshift | null;
  stop(): Promise<void>;
  restart(): Promise<Connected>;
};

async function connect(): Promise<Connected> {
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
  const dataDir = await mkdtemp(join(tmpdir(), 'redshift-local-api-'));
  return await connectLocally(dataDir);
}

async function connectLocally(dataDir: string): Promise<Connected> {
  const local = await startRedshift({
    dataDir,
    host: '127.0.0.1',
    port: 0,
    postgresPort: 0,
    clusterIdentifier: cluster,
    database: 'dev',
    masterUser: 'awsuser',
    region: 'us-east-1',
    attachedRoleArns: ['arn:aws:iam::000000000000:role/copy'],
    log: (line) => process.stderr.write(`${line}\n`),
  });
  const config = {
    endpoint: local.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  };
  const clients = {
    data: new RedshiftDataClient({ ...config, maxAttempts: 1 }),
    management: new RedshiftClient(config),
  };
  return {
    ...clients,
    local,
    target: { ClusterIdentifier: cluster, Database: 'dev', DbUser: 'awsuser' },
    async stop() {
      await local.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
    async restart() {
      await local.stop();
      return await connectLocally(dataDir);
    },
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
