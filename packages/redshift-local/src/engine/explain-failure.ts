import type pg from 'pg';
import { DatabaseError } from 'pg';
import { toRedshiftError } from '../dialect/to-redshift-error.ts';
import { RedshiftError } from '../errors/redshift-error.ts';

/** The dialect keeps a VARCHAR's length in bytes with a CHECK of this name. */
const lengthConstraint = /^redshift_bytes_/;

/**
 * Redshift's error for an error of PostgreSQL.
 *
 * @param control used to look up the declared length of a column that overflowed.
 */
export async function explainFailure(error: unknown, control: pg.Pool): Promise<RedshiftError> {
  if (error instanceof RedshiftError) return error;
  if (!(error instanceof DatabaseError)) {
    // The connection closed during the statement: the server stopped, or someone terminated the session.
    const message = error instanceof Error ? error.message : String(error);
    return new RedshiftError('08006', message, { cause: error });
  }
  if (error.code === '23514' && lengthConstraint.test(error.constraint ?? '')) return await tooLong(error, control);
  return toRedshiftError(error);
}

async function tooLong(error: DatabaseError, control: pg.Pool): Promise<RedshiftError> {
  const { rows } = await control
    .query<{ definition: string }>(
      `select pg_catalog.pg_get_constraintdef(k.oid) as definition
       from pg_catalog.pg_constraint k
       join pg_catalog.pg_class c on c.oid = k.conrelid
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where k.conname = $1 and c.relname = $2 and n.nspname = $3`,
      [error.constraint, error.table, error.schema],
    )
    .catch(() => ({ rows: [] }));
  // Another connection does not see a table that this transaction created: then the error leaves out the length.
  const length = /<=\s*(\d+)/.exec(rows[0]?.definition ?? '')?.[1];
  const type = `type character varying${length === undefined ? '' : `(${length})`}`;
  return new RedshiftError('22001', `value too long for ${type}`, { cause: error });
}
