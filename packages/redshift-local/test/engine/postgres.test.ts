import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres } from '../../src/engine/postgres.ts';

let folder: string;
/** Of the one cluster that the tests start and stop in turn, except those about a new one. */
let dataDir: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'redshift-local-postgres-'));
  dataDir = join(folder, 'data');
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const options = (changes: { port?: number; dataDir?: string } = {}) => ({
  dataDir,
  host: '127.0.0.1',
  port: 0,
  superuser: 'awsuser',
  log: () => undefined,
  ...changes,
});

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<{ answer: unknown }>(sql);
    return rows[0]?.answer;
  } finally {
    await client.end();
  }
}

const postmasterFile = () => join(realpathSync(join(dataDir, 'postgres')), 'cluster/postmaster.pid');
const postmaster = () => Number.parseInt(readFileSync(postmasterFile(), 'utf8'), 10);

function runs(pid: number): boolean {
  try {
    // A zombie child is not a running server.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Starts PostgreSQL from another program and waits until it is ready. */
async function holdElsewhere(): Promise<{ holder: ChildProcess; url: string }> {
  const holder = spawn(process.execPath, [join(import.meta.dirname, 'hold-postgres.ts'), dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(holder.stdout, 'data')) as [Buffer];
  return { holder, url: url.toString().trim() };
}

describe('the embedded PostgreSQL', () => {
  it('keeps its data over a stop and a start', async () => {
    const first = await startPostgres(options());
    await ask(first.url, 'create table kept as select 42 as answer');
    await first.stop();

    const second = await startPostgres(options());
    const answer = await ask(second.url, 'select answer from kept');
    await second.stop();

    expect(answer).toBe(42);
  });

  it('runs in UTC with C collation, UTF-8 and no trust without a password', async () => {
    const server = await startPostgres(options());
    const facts = await ask(
      server.url,
      `select concat_ws(' ', current_setting('timezone'), datcollate, pg_encoding_to_char(encoding)) as answer
       from pg_database where datname = current_database()`,
    );
    const without = new URL(server.url);
    without.password = 'wrong';
    const refusal: unknown = await ask(without.href, 'select 1').catch((error: unknown) => error);
    await server.stop();

    expect(facts).toBe('UTC C UTF8');
    expect(String(refusal)).toContain('password authentication failed');
  });

  it('leaves no process and no open port behind when it stops', async () => {
    const server = await startPostgres(options());
    const pid = postmaster();
    await server.stop();

    expect(runs(pid)).toBe(false);
    await expect(ask(server.url, 'select 1')).rejects.toThrow('ECONNREFUSED');
  });

  it('stops when the program that started it is killed, and starts again from the same data', async () => {
    const { holder, url } = await holdElsewhere();
    const pid = postmaster();
    await ask(url, 'create table survivor as select 1 as answer');
    holder.kill('SIGKILL');
    await expect.poll(() => runs(pid)).toBe(false);

    const server = await startPostgres(options());
    const answer = await ask(server.url, 'select answer from survivor');
    await server.stop();

    expect(answer).toBe(1);
  });

  it('stops a server that lost both its program and its watcher before it starts a new one', async () => {
    const { holder, url } = await holdElsewhere();
    const pid = postmaster();
    const watcher = Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)]));
    await ask(url, 'create table orphan as select 1 as answer');
    process.kill(watcher, 'SIGKILL');
    holder.kill('SIGKILL');
    await expect.poll(() => holder.signalCode).not.toBeNull();
    expect(runs(pid)).toBe(true);

    const server = await startPostgres(options());
    const answer = await ask(server.url, 'select answer from orphan');
    await server.stop();

    expect(runs(pid)).toBe(false);
    expect(answer).toBe(1);
  });

  it('refuses a directory that another program uses, and leaves that one alone', async () => {
    const { holder, url } = await holdElsewhere();
    const refusal: unknown = await startPostgres(options()).catch((error: unknown) => error);
    const answer = await ask(url, 'select 1 as answer');
    const pid = postmaster();
    holder.kill('SIGKILL');
    await expect.poll(() => runs(pid)).toBe(false);

    expect(String(refusal)).toMatch(new RegExp(`in use by process ${holder.pid}.*--data-dir`));
    expect(answer).toBe(1);
  });

  it('names the port and the option when the port is in use', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    const refusal: unknown = await startPostgres(options({ port })).catch((error: unknown) => error);
    blocker.close();

    expect(String(refusal)).toMatch(new RegExp(`Port ${port} is in use.*--postgres-port`));
  });

  it('refuses data of another PostgreSQL version with what to do', async () => {
    const other = join(folder, 'other');
    mkdirSync(join(other, 'postgres/cluster'), { recursive: true });
    writeFileSync(join(other, 'postgres/cluster/PG_VERSION'), '17\n');

    await expect(startPostgres(options({ dataDir: other }))).rejects.toThrow(
      /PostgreSQL 17.*PostgreSQL 18.*--data-dir/s,
    );
  });

  it.skipIf(process.getuid?.() !== 0)('works for root in a directory that no other account can reach', async () => {
    const closed = await mkdtemp('/var/tmp/redshift-local-closed-');
    const inside = options({ dataDir: join(closed, 'data') });
    await (await startPostgres(inside)).stop();
    const server = await startPostgres(inside);
    const answer = await ask(server.url, 'select 1 as answer');
    await server.stop();
    const { mode } = statSync(closed);
    await rm(join(realpathSync(join(inside.dataDir, 'postgres')), '..'), { recursive: true });
    await rm(closed, { recursive: true });

    expect(answer).toBe(1);
    expect(mode & 0o777).toBe(0o700);
  });

  it('stays inside its directory when that lies deep in a private temporary one', async () => {
    const inside = options({ dataDir: join(folder, 'deep/data') });
    await (await startPostgres(inside)).stop();
    expect(realpathSync(join(inside.dataDir, 'postgres'))).toBe(join(realpathSync(inside.dataDir), 'postgres'));
  });

  it('makes a new cluster where an earlier start was interrupted', async () => {
    const { uid, gid } = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : { uid: -1, gid: -1 };
    const unfinished = join(folder, 'interrupted/postgres/unfinished');
    mkdirSync(unfinished, { recursive: true });
    writeFileSync(join(unfinished, 'PG_VERSION'), '18\n');
    await chmod(join(unfinished, '..'), 0o777);
    if (uid !== -1) chownSync(unfinished, uid, gid);

    const server = await startPostgres(options({ dataDir: join(folder, 'interrupted') }));
    const answer = await ask(server.url, 'select 1 as answer');
    await server.stop();

    expect(answer).toBe(1);
  });
});
