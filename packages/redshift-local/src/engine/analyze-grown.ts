import type { ClientBase } from 'pg';

/** Below this, even the worst plan is fast. */
const ROWS = 500;
/** Rows written since the last look at a table's statistics, by the table's name: many small statements also make a table grow. */
const written = new Map<string, number>();
/** Growth relative to the rows in PostgreSQL's statistics. */
const SHARE = 0.2;

const TARGET = /^\s*(?:INSERT INTO|CREATE TEMP(?:ORARY)? TABLE) ([\w."]+)/;

/**
 * Runs ANALYZE on a table after many rows were written to it. Redshift analyzes automatically and joins by hashing.
 * PostgreSQL gathers statistics of a table a minute later, and of a temporary table never; until then it takes the table
 * for nearly empty and chooses nested loops.
 *
 * @param sql the PostgreSQL statement that ran.
 */
export async function analyzeGrown(client: ClientBase, sql: string, rows: number): Promise<void> {
  const name = rows === 0 ? undefined : TARGET.exec(sql)?.[1];
  if (name === undefined) return;
  const grown = rows + (written.get(name) ?? 0);
  written.set(name, grown);
  if (grown < ROWS) return;
  const { rows: found } = await client.query<{ table: string; known: number }>(
    `select oid::pg_catalog.regclass::pg_catalog.text as table, reltuples as known from pg_catalog.pg_class
     where oid = pg_catalog.to_regclass($1) and relkind = 'r'`,
    [name],
  );
  const [target] = found;
  if (target !== undefined && grown <= SHARE * target.known) return;
  written.delete(name);
  if (target !== undefined) await client.query(`analyze ${target.table}`);
}
