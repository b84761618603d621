import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';

import { toRedshiftError } from '../../src/dialect/to-redshift-error.ts';
import { loadDialect, preludeSql, translate } from '../../src/dialect/translate.ts';
import { createOwnDatabase } from '../own-database.ts';

/** A session that speaks Redshift SQL to a real PostgreSQL server, as the stand-in's sessions do. */
export type DialectSession = {
  /** Runs one statement; rows as objects with everything as text or null. */
  run(sql: string): Promise<{ rows: Record<string, string | null>[]; count: number }>;
  /** Runs PostgreSQL's own SQL, to look behind the dialect. */
  peek(sql: string): Promise<Record<string, string | null>[]>;
  close(): Promise<void>;
};

/**
 * Call it once at the top of a test file: a database of the file's own with the dialect's prelude, and one session in it
 * that is open inside tests and hooks.
 */
export function useDialect(): Omit<DialectSession, 'close'> {
  let running: { database: Awaited<ReturnType<typeof createOwnDatabase>>; session: DialectSession } | undefined;
  const now = (): DialectSession => {
    if (running === undefined) throw new Error('The session of this file is not open: use it inside tests and hooks.');
    return running.session;
  };
  beforeAll(async () => {
    await loadDialect();
    const database = await createOwnDatabase();
    const session = await openSession(database.url);
    running = { database, session };
    await session.peek(preludeSql());
    await session.peek(preludeSql());
  });
  afterAll(async () => {
    await running?.session.close();
    await running?.database.drop();
  });
  return { run: async (sql) => await now().run(sql), peek: async (sql) => await now().peek(sql) };
}

async function openSession(url: string): Promise<DialectSession> {
  const client = connect(url);
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

function connect(connectionString: string): pg.Client {
  return new pg.Client({
    connectionString,
    types: { getTypeParser: () => (value: string | Buffer) => value.toString() },
  });
}
