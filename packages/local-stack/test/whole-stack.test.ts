import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeClustersCommand, RedshiftClient } from '@aws-sdk/client-redshift';
import {
  BatchExecuteStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import { spawnStack } from '../../../test/support/stack-process.ts';
import type { StackProcess } from '../../../test/support/stack-process.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';

type Environment = Record<string, string | undefined>;

function clientOptions(environment: Environment, name: string) {
  const credentials = {
    accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '',
  };
  return {
    endpoint: environment[`AWS_ENDPOINT_URL_${name}`] ?? '',
    region: environment['AWS_REGION'] ?? '',
    credentials,
  };
}

async function finished(client: RedshiftDataClient, Id: string | undefined): Promise<void> {
  const described = await waitUntil(
    async () => {
      const answer = await client.send(new DescribeStatementCommand({ Id }));
      return ['FINISHED', 'FAILED', 'ABORTED'].includes(answer.Status ?? '') ? answer : null;
    },
    { what: `statement ${Id ?? ''}` },
  );
  expect(described).toMatchObject({ Status: 'FINISHED' });
}

function target(environment: Environment) {
  return {
    ClusterIdentifier: environment['SPARKIFY_CLUSTER_IDENTIFIER'],
    Database: environment['SPARKIFY_DATABASE'],
    DbUser: environment['SPARKIFY_DB_USER'],
  };
}

async function count(environment: Environment): Promise<unknown> {
  const client = new RedshiftDataClient(clientOptions(environment, 'REDSHIFT_DATA'));
  const Sql = 'select count(*) from public.copied';
  const { Id } = await client.send(new ExecuteStatementCommand({ ...target(environment), Sql }));
  await finished(client, Id);
  const { Records } = await client.send(new GetStatementResultCommand({ Id }));
  client.destroy();
  return Records?.[0]?.[0]?.longValue;
}

async function copyTwoRows(environment: Environment): Promise<void> {
  const s3 = new S3Client(clientOptions(environment, 'S3'));
  const bucket = environment['SPARKIFY_BUCKET'] ?? '';
  const Body = '{"name":"one"}\n{"name":"two"}\n';
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'log_data/rows.json', Body }));
  s3.destroy();
  const client = new RedshiftDataClient(clientOptions(environment, 'REDSHIFT_DATA'));
  const Sqls = [
    'create table public.copied (name varchar(10))',
    `copy public.copied from 's3://${bucket}/log_data/rows.json' iam_role '${environment['SPARKIFY_COPY_ROLE_ARN'] ?? ''}' json 'auto'`,
  ];
  const { Id } = await client.send(new BatchExecuteStatementCommand({ ...target(environment), Sqls }));
  await finished(client, Id);
  client.destroy();
}

function spawnWhole(folder: string, ports: { port: number; redshiftPort: number; postgresPort: number }): StackProcess {
  const stack = spawnStack({ ...ports, dataDir: join(folder, 'data'), envFile: join(folder, 'local.env') });
  onTestFinished(() => {
    stack.child.kill('SIGKILL');
  });
  return stack;
}

/** Command lines of processes that work on the folder, ours excluded. */
function processesOn(folder: string): string[] {
  const all = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  return all.filter((line) => line.includes(folder) && !line.trim().startsWith(`${process.pid} `));
}

/** Files and folders that other users of this machine could read; what is below a private folder is private. */
function readableByOthers(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    const isPrivate = (statSync(path).mode & 0o044) === 0;
    if (entry.isDirectory()) return isPrivate ? [] : readableByOthers(path);
    return isPrivate || entry.isSymbolicLink() ? [] : [path];
  });
}

test('the whole stack on fixed ports: COPY reads what was put, a kill loses nothing, and stopping leaves no process', async () => {
  const folder = temporaryFolder();
  const ports = { port: await freePort(), redshiftPort: await freePort(), postgresPort: await freePort() };
  const first = spawnWhole(folder, ports);
  const environment = await first.ready();
  expect(Object.keys(environment).sort()).toEqual([
    'AWS_ACCESS_KEY_ID',
    'AWS_DEFAULT_REGION',
    'AWS_ENDPOINT_URL_REDSHIFT',
    'AWS_ENDPOINT_URL_REDSHIFT_DATA',
    'AWS_ENDPOINT_URL_S3',
    'AWS_ENDPOINT_URL_SQS',
    'AWS_ENDPOINT_URL_STS',
    'AWS_REGION',
    'AWS_SECRET_ACCESS_KEY',
    'SPARKIFY_BUCKET',
    'SPARKIFY_CLUSTER_IDENTIFIER',
    'SPARKIFY_COPY_ROLE_ARN',
    'SPARKIFY_DATABASE',
    'SPARKIFY_DB_USER',
    'SPARKIFY_LOCAL_PSQL_URL',
    'SPARKIFY_QUEUE_URL',
    'SPARKIFY_SCHEMA',
  ]);
  const redshift = new RedshiftClient(clientOptions(environment, 'REDSHIFT'));
  const { Clusters } = await redshift.send(new DescribeClustersCommand({}));
  redshift.destroy();
  expect(Clusters?.map(({ ClusterIdentifier }) => ClusterIdentifier)).toEqual(['sparkify-local']);
  await copyTwoRows(environment);
  expect(await count(environment)).toBe(2);
  expect(readableByOthers(folder)).toEqual([]);
  expect(await first.end('SIGKILL')).toBe('SIGKILL');

  const second = spawnWhole(folder, ports);
  await waitUntil(() => second.output().includes('Ctrl-C'), { what: 'the stack to be ready after a kill' });
  expect(await count(await second.ready())).toBe(2);
  expect(second.output()).toContain(`psql ${environment['SPARKIFY_LOCAL_PSQL_URL'] ?? ''}`);
  expect(await second.end('SIGINT')).toBe(0);
  expect(processesOn(folder)).toEqual([]);
  expect(existsSync(join(folder, 'local.env'))).toBe(false);
});

test('a second signal leaves at once, and PostgreSQL goes with it', async () => {
  const folder = temporaryFolder();
  const stack = spawnWhole(folder, { port: 0, redshiftPort: 0, postgresPort: 0 });
  await stack.ready();
  stack.child.kill('SIGTERM');
  const code = await stack.end('SIGINT');
  // Two signals may arrive as one when the first is not handled yet; then it simply stops.
  expect([0, 130]).toContain(code);
  await waitUntil(() => processesOn(folder).length === 0, { what: 'PostgreSQL to be gone' });
});

test('when its database dies, the stack says so and where the log is, and ends', async () => {
  const folder = temporaryFolder();
  const stack = spawnWhole(folder, { port: 0, redshiftPort: 0, postgresPort: 0 });
  await stack.ready();
  const cluster = join(realpathSync(join(folder, 'data/postgres')), 'cluster');
  process.kill(Number.parseInt(readFileSync(join(cluster, 'postmaster.pid'), 'utf8'), 10), 'SIGKILL');
  await waitUntil(() => stack.child.exitCode !== null, { what: 'the stack to end' });
  expect(stack.child.exitCode).toBe(1);
  const [, log = ''] =
    /\(PostgreSQL\) has ended without being stopped\. Its last lines are in (\S+\.log)\./.exec(stack.output()) ?? [];
  expect(readFileSync(log, 'utf8')).toContain('ready to accept connections');
  expect(existsSync(join(folder, 'local.env'))).toBe(false);
  expect(processesOn(folder)).toEqual([]);
});
