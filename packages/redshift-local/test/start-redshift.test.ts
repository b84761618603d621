import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeStatementCommand, ExecuteStatementCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres } from '../src/engine/postgres.ts';
import type { RedshiftOptions } from '../src/start-redshift.ts';
import { startRedshift } from '../src/start-redshift.ts';

let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'redshift-local-start-'));
});

afterAll(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

const options = (changes: Partial<RedshiftOptions> = {}): RedshiftOptions => ({
  dataDir,
  host: '127.0.0.1',
  port: 0,
  postgresPort: 0,
  clusterIdentifier: 'redshift-local',
  database: 'dev',
  masterUser: 'awsuser',
  region: 'us-east-1',
  attachedRoleArns: [],
  log: () => undefined,
  ...changes,
});

const clientOf = (endpoint: string) =>
  new RedshiftDataClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
const target = { ClusterIdentifier: 'redshift-local', Database: 'dev', DbUser: 'awsuser' };

const program = join(import.meta.dirname, '../bin/redshift-local.js');

/** The stand-in in a process of its own, on free ports. */
async function startProgram(): Promise<{ holder: ChildProcess; url: string }> {
  const ports = ['--port', '0', '--postgres-port', '0'];
  const holder = spawn(process.execPath, [program, '--data-dir', dataDir, ...ports], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [printed] = (await once(holder.stdout, 'data')) as [Buffer];
  return { holder, url: /http:\S+/.exec(printed.toString())?.[0] ?? '' };
}

describe('the program', () => {
  it('answers until SIGTERM, and then exits with 0', async () => {
    const { holder, url } = await startProgram();
    const call = new ExecuteStatementCommand({ ...target, Sql: 'select 1', WaitTimeSeconds: 30 });
    const { Status } = await clientOf(url).send(call);
    holder.kill('SIGTERM');
    expect([Status, ...((await once(holder, 'exit')) as unknown[])]).toEqual(['FINISHED', 0, null]);
  });

  it.each([
    [['--prot', '1'], /--prot/],
    [['--port', 'http'], /--port http: expected a whole number from 0 to 65535/],
  ])('refuses %j with exit code 2', (words, sentence) => {
    const { status, stderr } = spawnSync(process.execPath, [program, ...words], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(sentence) as string });
  });
});

describe('the stand-in', () => {
  it('tells after it was killed that a statement in flight failed, and has undone it', async () => {
    const { holder, url } = await startProgram();
    const before = clientOf(url);
    const run = async (Sql: string) =>
      await before.send(new ExecuteStatementCommand({ ...target, Sql, WaitTimeSeconds: 30 }));
    await run('create table numbers (n integer)');
    await run(`insert into numbers values ${Array.from({ length: 60 }, (_, n) => `(${n})`).join(', ')}`);
    await run('create table written (n bigint)');
    const from = ['a', 'b', 'c', 'd', 'e', 'f'].map((alias) => `numbers ${alias}`).join(', ');
    const sql = `insert into written select count(*) from ${from}`;
    const { Id } = await before.send(new ExecuteStatementCommand({ ...target, Sql: sql }));
    await expect.poll(async () => (await before.send(new DescribeStatementCommand({ Id }))).Status).toBe('STARTED');
    holder.kill('SIGKILL');
    await once(holder, 'exit');

    const redshift = await startRedshift(options());
    const after = clientOf(redshift.url);
    const described = await after.send(new DescribeStatementCommand({ Id }));
    const count = await after.send(
      new ExecuteStatementCommand({ ...target, Sql: 'select 1 / count(*) from written', WaitTimeSeconds: 30 }),
    );
    await redshift.stop();

    expect(described.Status).toBe('FAILED');
    expect(described.Error).toContain('connection');
    // Division by zero: no row was written.
    expect(count.Status).toBe('FAILED');
  });

  it('works on an existing PostgreSQL server, in a separate database, and names the rules that are off there', async () => {
    const said: string[] = [];
    const server = await startPostgres({
      dataDir: join(dataDir, 'own'),
      host: '127.0.0.1',
      port: 0,
      superuser: 'me',
      log: () => undefined,
    });
    const redshift = await startRedshift(
      options({ postgresUrl: server.url, database: 'warehouse', log: (line) => void said.push(line) }),
    );
    const reply = await clientOf(redshift.url).send(
      new ExecuteStatementCommand({
        ...target,
        Database: 'warehouse',
        DbUser: 'me',
        Sql: 'create table t (n integer)',
        WaitTimeSeconds: 30,
      }),
    );
    await redshift.stop();
    await server.stop();

    expect(said.join()).toContain('trailing blanks count when text is compared, and every user may do everything');
    expect(reply.Status).toBe('FINISHED');
    expect(new URL(redshift.psqlUrl).pathname).toBe('/warehouse');
  });

  it('names the port that is in use, and leaves no PostgreSQL behind', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    const refusal: unknown = await startRedshift(options({ port })).catch((error: unknown) => error);
    blocker.close();

    expect(String(refusal)).toMatch(new RegExp(`Port ${port} is in use.*another port for the Data API`));
    await (await startRedshift(options())).stop();
  });
});
