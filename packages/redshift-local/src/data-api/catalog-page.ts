import { ApiError, invalid } from './api-error.ts';
import type { Target } from './choose-target.ts';
import { chooseTarget } from './choose-target.ts';
import type { DataApi } from './data-api.ts';
import type { InputReader } from './read-input.ts';

/** Schemas that Redshift does not have: the dialect's functions, the stand-in's tables, PostgreSQL's internals. */
export const hiddenSchemas = `n.nspname !~ '^(redshift_compat|redshift_local|pg_toast|pg_temp_|pg_toast_temp_)'`;

/**
 * Checks the target of a call that reads the catalog.
 *
 * @throws ApiError when the database does not exist: these calls connect while the caller waits.
 */
export function chooseCatalog(api: DataApi, read: InputReader, options: { databaseRequired: boolean }): Target {
  const target = chooseTarget(api, read, { inSession: false, ...options });
  const database = read.text('ConnectedDatabase') ?? target.database;
  if (database !== api.cluster.database) {
    throw new ApiError('DatabaseConnectionException', `FATAL: database "${database}" does not exist`);
  }
  return target;
}

/** One page of a list of at most 1,000 entries a page. */
export function pageOf<Entry>(
  read: InputReader,
  all: readonly Entry[],
): { page: readonly Entry[]; nextToken: string | undefined } {
  const max = read.integer('MaxResults', { min: 0, max: 1000 });
  const size = max === undefined || max === 0 ? 1000 : max;
  const token = read.text('NextToken');
  const start = token === undefined ? 0 : Number(Buffer.from(token, 'base64').toString('utf8'));
  if (!Number.isInteger(start) || start < 0) throw invalid('NextToken is not valid.');
  const end = start + size;
  const nextToken = end < all.length ? Buffer.from(String(end)).toString('base64') : undefined;
  return { page: all.slice(start, end), nextToken };
}
