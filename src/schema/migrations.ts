import { createHash } from 'node:crypto';
import { IngestError } from '../core/errors.ts';

/** A migration file of the program: `schema/<number>_<name>.sql`. */
export type Migration = {
  readonly number: number;
  readonly name: string;
  readonly path: string;
  /** SHA-256 of the file. */
  readonly checksum: string;
};

/** A migration that a database has. */
export type AppliedMigration = Pick<Migration, 'number' | 'name' | 'checksum'>;

/** A migration file by its path and text. */
export function migration(path: string, source: string): Migration {
  const name = path.split('/').at(-1) ?? path;
  const number = /^(\d{3})_[a-z0-9_]+\.sql$/.exec(name)?.[1];
  if (number === undefined) throw new Error(`sql/${path} is not named NNN_name.sql.`);
  return { number: Number(number), name, path, checksum: createHash('sha256').update(source).digest('hex') };
}

/**
 * The migrations that are not applied yet.
 *
 * @throws IngestError `schema_too_new` when the database has migrations that the program lacks, `config_invalid` when a file was
 *   changed after it was applied.
 */
export function pendingMigrations(
  files: readonly Migration[],
  applied: readonly AppliedMigration[],
): readonly Migration[] {
  refuseNewerTables(files, applied);
  const byNumber = new Map(applied.map((entry) => [entry.number, entry]));
  for (const file of files) {
    const entry = byNumber.get(file.number);
    if (entry === undefined || entry.checksum.trim() === file.checksum) continue;
    const sentence =
      `sql/${file.path} was changed after it was applied as ${entry.name}; ` +
      'put the change into a new migration, or rebuild the tables with "sparkify migrate --reset".';
    throw new IngestError('config_invalid', sentence, { seen: { migration: file.number } });
  }
  return files.filter(({ number }) => !byNumber.has(number));
}

/** @throws IngestError `schema_too_new` when the database has migrations that the program lacks. */
export function refuseNewerTables(files: readonly Migration[], applied: readonly AppliedMigration[]): void {
  const newest = files.at(-1)?.number ?? 0;
  const database = Math.max(0, ...applied.map(({ number }) => number));
  if (database <= newest) return;
  const sentence = `The tables are at version ${database} and this program knows versions up to ${newest}; use a newer program.`;
  throw new IngestError('schema_too_new', sentence, { seen: { database, program: newest } });
}

/** The tables that statements create. Lock tables come first, in the order in which transactions lock them. */
export function createdTables(statements: readonly string[]): readonly string[] {
  const tables = statements.flatMap((text) => /^create table (?:if not exists )?(\w+)/.exec(text)?.[1] ?? []);
  const isLock = (table: string): boolean => table.startsWith('ingest_lock');
  return [...tables.filter(isLock), ...tables.filter((table) => !isLock(table))];
}

/** A view that reads a table, by the catalogs of the warehouse. */
export type DependentView = { readonly schema: string; readonly view: string; readonly table: string };

/**
 * The error for tables that could not be dropped.
 *
 * @param refusal the message of the warehouse, without a full stop.
 * @param views the views that depend on the tables; other dependents (foreign keys) are not known.
 */
export function dropRefusedSentence(refusal: string, views: readonly DependentView[]): string {
  const names = [...new Set(views.map(({ schema, view }) => `"${schema}"."${view}"`))].join(', ');
  const dependents =
    names === ''
      ? 'Drop what depends on the table'
      : `These views read tables that the reset drops: ${names}. Drop them`;
  return (
    `The warehouse refused: ${refusal}. Nothing was changed. ${dependents}, run "sparkify migrate --reset" again, ` +
    'and recreate what you dropped.'
  );
}
