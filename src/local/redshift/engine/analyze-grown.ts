import type { ClientBase } from 'pg';

/** Below this the worst plan is fast, too. */
const ROWS = 500;
/** Of the rows that PostgreSQL knows of. */
const SHARE = 0.2;

const TARGET = /^\s*(?:INSERT INTO|CREATE TEMP(?:ORARY)? TABLE) ([\w."]+)/;

/**
 * Tells PostgreSQL what a table holds after many rows were written to it. Redshift analyzes by itself and joins by hashing; PostgreSQL gathers no
 * statistics of temporary tables, and of others a minute later, takes them for nearly empty until then, and goes through the other table once for each of their rows.
 *
 * @param sql of PostgreSQL, as it ran.
 */
export async function analyzeGrown(client: ClientBase, sql: string, rows: number): Promise<void> {
  const name = rows < ROWS ? undefined : TARGET.exec(sql)?.[1];
  if (name === undefined) return;
  const { rows: found } = await client.query<{ table: string; known: number }>(
    `select oid::pg_catalog.regclass::pg_catalog.text as table, reltuples as known from pg_catalog.pg_class
     where oid = pg_catalog.to_regclass($1) and relkind = 'r'`,
    [name],
  );
  const [target] = found;
  if (target !== undefined && rows > SHARE * target.known) await client.query(`analyze ${target.table}`);
}
