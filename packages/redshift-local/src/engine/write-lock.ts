import type pg from 'pg';
import pgClient from 'pg';
import { parseSync } from 'libpg-query';

/**
 * Takes the lock that Redshift's UPDATE, DELETE and MERGE take on their target: one such writer per table at a time,
 * the others wait, and a statement that waited outside a transaction block sees what the first one committed (its
 * snapshot comes after the wait). PostgreSQL locks rows only and would fail the second writer instead.
 *
 * @param sql one PostgreSQL statement; anything without a target table takes no lock.
 */
export async function lockForWriting(client: pg.ClientBase, sql: string): Promise<void> {
  const target = targetTable(sql);
  if (target === null) return;
  await client.query(`lock table ${target} in share row exclusive mode`);
}

type RangeVar = { readonly schemaname?: string; readonly relname?: string };
type WriteNode = { readonly relation?: RangeVar };

function targetTable(sql: string): string | null {
  const parsed = parseSync(sql) as { stmts?: readonly { stmt?: Readonly<Record<string, WriteNode | undefined>> }[] };
  const statement = parsed.stmts?.[0]?.stmt;
  const relation = (statement?.['UpdateStmt'] ?? statement?.['DeleteStmt'] ?? statement?.['MergeStmt'])?.relation;
  if (relation?.relname === undefined) return null;
  const name = pgClient.escapeIdentifier(relation.relname);
  return relation.schemaname === undefined ? name : `${pgClient.escapeIdentifier(relation.schemaname)}.${name}`;
}
