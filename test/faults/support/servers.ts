import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOCAL_CREDENTIALS } from 'local-stack';
import { startPostgres } from '../../../packages/redshift-local/src/engine/postgres.ts';
import { freePort } from '../../support/free-port.ts';
import { spawnStack } from '../../support/stack-process.ts';
import type { StackProcess } from '../../support/stack-process.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { openClients } from './world.ts';
import type { World } from './world.ts';

/** A server that can be killed and started again where it was, with the data it had. */
type Server = { killed(): Promise<void>; started(): Promise<void> };

/** S3 and SQS, the Redshift stand-in and PostgreSQL as three servers that die one by one. */
export type Servers = {
  readonly world: World;
  readonly parts: Readonly<Record<'S3 and SQS' | 'the Redshift stand-in' | 'PostgreSQL', Server>>;
};

const SUPERUSER = 'sparkify';

export async function startServers(): Promise<Servers> {
  const folder = await mkdtemp(join(tmpdir(), 'sparkify-servers-'));
  const [port, redshiftPort, postgresPort] = [await freePort(), await freePort(), await freePort()];
  const postgres = postgresServer(join(folder, 'postgres'), postgresPort);
  await postgres.started();
  // COPY signs its reads from another object store with the credentials that its process finds.
  process.env['AWS_ACCESS_KEY_ID'] = LOCAL_CREDENTIALS.accessKeyId;
  process.env['AWS_SECRET_ACCESS_KEY'] = LOCAL_CREDENTIALS.secretAccessKey;
  const store = stackServer(folder, 'store', { port, only: ['s3', 'sqs'] });
  const standIn = stackServer(folder, 'redshift', {
    redshiftPort,
    only: ['redshift'],
    postgresUrl: postgres.url(),
    s3Endpoint: `http://127.0.0.1:${port}`,
  });
  await Promise.all([store.started(), standIn.started()]);
  const environment = { ...(await store.environment()), ...(await standIn.environment()) };
  const clients = openClients(environment, environment['SPARKIFY_LOCAL_PSQL_URL'] ?? '');
  return {
    world: {
      ...clients,
      stop: async () => {
        await clients.close();
        await standIn.killed();
        await store.killed();
        await postgres.stop();
        await rm(folder, { recursive: true, force: true });
      },
    },
    parts: { 'S3 and SQS': store, 'the Redshift stand-in': standIn, PostgreSQL: postgres },
  };
}

type StackOptions = Omit<Parameters<typeof spawnStack>[0], 'dataDir' | 'envFile'>;

function stackServer(folder: string, name: string, options: StackOptions) {
  let running: StackProcess | undefined;
  return {
    async started(): Promise<void> {
      const dataDir = join(folder, name);
      const child = spawnStack({ ...options, dataDir, envFile: join(folder, `${name}.env`) });
      running = child;
      // The file may still be that of the run before.
      await waitUntil(() => child.output().includes('Ctrl-C') || child.child.exitCode !== null, { what: name });
      if (child.child.exitCode !== null) throw new Error(`${name} did not start:\n${child.output()}`);
    },
    async killed(): Promise<void> {
      await running?.end('SIGKILL');
    },
    environment: async () => (await running?.ready()) as Record<string, string>,
  };
}

function postgresServer(dataDir: string, port: number) {
  const options = { dataDir, host: '127.0.0.1', port, superuser: SUPERUSER, log: () => undefined };
  let running: Awaited<ReturnType<typeof startPostgres>> | undefined;
  return {
    async started(): Promise<void> {
      // Sessions of the one that was killed may hold its memory for a moment.
      running = await waitUntil(async () => await startPostgres(options), { what: 'PostgreSQL' });
    },
    async killed(): Promise<void> {
      const pidFile = readFileSync(join(dataDir, 'postgres', 'cluster', 'postmaster.pid'), 'utf8');
      process.kill(Number.parseInt(pidFile, 10), 'SIGKILL');
      await running?.stop();
    },
    url: () => running?.url ?? '',
    stop: async () => await running?.stop(),
  };
}
