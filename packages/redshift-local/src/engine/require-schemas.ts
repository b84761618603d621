import pg from 'pg';

/** A table name that does not exist. */
const NO_TABLE = pg.escapeIdentifier('redshift_compat: no such table');

/**
 * Redshift's check of the names in `SET search_path`: a schema that does not exist is refused (PostgreSQL 8.0,
 * `assign_search_path`; PostgreSQL from 9.2 on ignores it). `$user` needs no schema.
 *
 * LOCK on a table that does not exist tells a missing schema (3F000) from a missing table (42P01), and unlike a query
 * LOCK takes no snapshot: the transaction that sets its path and then waits for a lock must see what the wait was for.
 *
 * @param client inside a transaction block; schemas that this transaction created exist for it.
 * @throws pg's DatabaseError 3F000 `schema "x" does not exist`.
 */
export async function requireSchemas(client: pg.ClientBase, schemas: readonly string[]): Promise<void> {
  for (const schema of schemas.filter((name) => name !== '$user')) {
    await client.query('savepoint before_schema');
    try {
      await client.query(`lock table ${pg.escapeIdentifier(schema)}.${NO_TABLE}`);
    } catch (error) {
      // 42501: the schema exists, and this user must not look into it, which the search path passes over.
      if (!(error instanceof pg.DatabaseError) || !['42P01', '42501'].includes(error.code ?? '')) throw error;
    }
    await client.query('rollback to savepoint before_schema; release savepoint before_schema');
  }
}
