import type { ClientBase } from 'pg';

/** Below this, even the worst plan is fast. */
const ROWS = 500;
/** Growth relative to the rows in PostgreSQL's statistics. */
const SHARE = 0.2;

const TARGET = /^\s*(?:INSERT INTO|CREATE TEMP(?:ORARY)? TABLE) ([\w."]+)/;

/**
 * Runs ANALYZE on a table after many rows were written to it, by one statement or by many. Redshift analyzes automatically and joins by
 * hashing. PostgreSQL gathers statistics of a table a minute later, and of a temporary table never; until then it takes the table for
 * nearly empty and chooses nested loops.
 */
export class GrownTables {
  /** Rows that all sessions wrote since the last ANALYZE, by the name in the statements: one for tables of several schemas. */
  readonly #written = new Map<string, number>();

  /** @param sql the PostgreSQL statement that wrote the rows. */
  async analyze(client: ClientBase, sql: string, rows: number): Promise<void> {
    const name = rows === 0 ? undefined : TARGET.exec(sql)?.[1];
    if (name === undefined) return;
    const written = rows + (this.#written.get(name) ?? 0);
    this.#written.set(name, written);
    if (written < ROWS) return;
    const { rows: found } = await client.query<{ table: string; known: number }>(
      `select oid::pg_catalog.regclass::pg_catalog.text as table, reltuples as known from pg_catalog.pg_class
       where oid = pg_catalog.to_regclass($1) and relkind = 'r'`,
      [name],
    );
    const [target] = found;
    if (target !== undefined && written <= SHARE * target.known) return;
    this.#written.delete(name);
    if (target !== undefined) await client.query(`analyze ${target.table}`);
  }
}
