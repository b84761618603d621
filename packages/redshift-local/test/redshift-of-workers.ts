import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { RunningRedshift } from '../src/start-redshift.ts';
import { startRedshift } from '../src/start-redshift.ts';
import { serveWorkers } from './serve-workers.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** For `ofThisWorker`: answers with the URLs of that worker's stand-in. */
    redshiftsUrl: string;
  }
}

export const cluster = 'redshift-local';

/** Keeps one stand-in for each worker. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'redshift-local-tests-'));
  const redshifts = await serveWorkers(async (worker) => {
    const redshift = await startForTests(join(folder, worker));
    return { place: { url: redshift.url, psqlUrl: redshift.psqlUrl }, stop: async () => await redshift.stop() };
  });
  project.provide('redshiftsUrl', redshifts.url);
  return async () => {
    await redshifts.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

export async function startForTests(dataDir: string): Promise<RunningRedshift> {
  return await startRedshift({
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
}
