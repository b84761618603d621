import { IngestError } from '../core/errors.ts';
import { pendingMigrations } from './migrations.ts';
import type { MigrateParts } from './migrate.ts';
import { listApplied, migrationFiles } from './migrate.ts';

/**
 * Checks that the tables have the version of this program. Called before anything is loaded.
 *
 * @throws IngestError `schema_missing`, `schema_too_old` or `schema_too_new`, each saying what to do.
 */
export async function checkSchema(parts: MigrateParts, signal: AbortSignal): Promise<void> {
  const applied = await readApplied(parts, signal);
  const pending = pendingMigrations(migrationFiles(parts.library), applied);
  if (pending.length === 0) return;
  const names = pending.map(({ name }) => name).join(', ');
  const sentence = `The tables in schema "${parts.schema}" lack ${names}; run "sparkify migrate".`;
  throw new IngestError('schema_too_old', sentence, { seen: { schema: parts.schema, pending: pending.length } });
}

async function readApplied(parts: MigrateParts, signal: AbortSignal) {
  try {
    return await listApplied(parts, signal);
  } catch (error) {
    if (!(error instanceof IngestError) || error.code !== 'schema_missing') throw error;
    const sentence = `The sparkify tables do not exist in schema "${parts.schema}"; run "sparkify migrate".`;
    throw new IngestError('schema_missing', sentence, { seen: { schema: parts.schema }, cause: error });
  }
}
