import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { ofThisWorker } from './serve-workers.ts';

/** An empty database of a test file's own, in the PostgreSQL server of this worker's stand-in. */
export async function createOwnDatabase(): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const { psqlUrl } = await ofThisWorker<{ psqlUrl: string }>(inject('redshiftsUrl'));
  const name = `own_${randomBytes(4).toString('hex')}`;
  const admin = new pg.Client(psqlUrl);
  await admin.connect();
  await admin.query(`create database ${name}`);
  const url = new URL(psqlUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async drop() {
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}
