import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeStatementCommand, ExecuteStatementCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startPostgres } from '../src/engine/postgres.ts';
import type { RedshiftOptions } from '../src/start-redshift.ts';
import { startRedshift } from '../src/start-redshift.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sparkify-start-'));
});

afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

const options = (changes: Partial<RedshiftOptions> = {}): RedshiftOptions => ({
  dataDir,
  host: '127.0.0.1',
  port: 0,
  postgresPort: 0,
  clusterIdentifier: 'sparkify-local',
  database: 'sparkify',
  masterUser: 'sparkify',
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
const target = { ClusterIdentifier: 'sparkify-local', Database: 'sparkify', DbUser: 'sparkify' };

describe('the stand-in', () => {
  it('tells after it was killed that a statement in flight failed, and has undone it', async () => {
    const holder = spawn(process.execPath, [join(import.meta.dirname, 'hold-redshift.ts'), dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [url] = (await once(holder.stdout, 'data')) as [Buffer];
    const before = clientOf(url.toString().trim());
    const run = async (Sql: string) =>
      await before.send(new ExecuteStatementCommand({ ...target, Sql, WaitTimeSeconds: 30 }));
    await run('create table numbers (n integer)');
    await run(`insert into numbers values ${Array.from({ length: 60 }, (_, n) => `(${n})`).join(', ')}`);
    await run('create table written (n bigint)');
    const from = ['a', 'b', 'c', 'd', 'e', 'f'].map((alias) => `numbers ${alias}`).join(', ');
    const sql = `insert into written select count(*) from ${from}`;
    const { Id } = await before.send(new ExecuteStatementCommand({ ...target, Sql: sql }));
    await waitUntil(async () => (await before.send(new DescribeStatementCommand({ Id }))).Status === 'STARTED', {
      what: 'the statement to run',
    });
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

  it('works on an existing PostgreSQL server, in a separate database', async () => {
    const server = await startPostgres({
      dataDir: join(dataDir, 'own'),
      host: '127.0.0.1',
      port: 0,
      superuser: 'me',
      log: () => undefined,
    });
    const redshift = await startRedshift(options({ postgresUrl: server.url, database: 'warehouse' }));
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

    expect(reply.Status).toBe('FINISHED');
    expect(new URL(redshift.psqlUrl).pathname).toBe('/warehouse');
  });

  it('names the port and the option when its port is in use, and leaves no PostgreSQL behind', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    const refusal: unknown = await startRedshift(options({ port })).catch((error: unknown) => error);
    blocker.close();

    expect(String(refusal)).toMatch(new RegExp(`Port ${port} is in use.*--redshift-port`));
    await (await startRedshift(options())).stop();
  });
});
