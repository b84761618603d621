import { IngestError } from '../core/errors.ts';
import type { AppliedMigration, DependentView, Migration } from './migrations.ts';
import type { Reader } from './grant-readers.ts';
import { readerGrants } from './grant-readers.ts';
import { createdTables, dropRefusedSentence, migration, pendingMigrations, refuseNewerTables } from './migrations.ts';
import type { Random, Row, Warehouse, WarehouseSession } from '../core/ports.ts';
import { quoteSchema, sqlInteger, sqlSchema, sqlText } from '../core/sql/sql-literal.ts';
import { runScript } from '../sql/run-script.ts';
import type { SqlLibrary } from '../sql/sql-library.ts';

const LIST = 'migrate/10_create_schema_migrations.sql';

export type MigrateParts = {
  readonly warehouse: Warehouse;
  readonly library: SqlLibrary;
  readonly random: Random;
  readonly schema: string;
  /** Who may read the five tables; absent: grants stay as they are. */
  readonly readers?: readonly Reader[];
};

/** The result of `migrate`; `by: 'another'`: another run applied the migration at the same time. */
export type MigrateResult = {
  readonly schema: string;
  readonly applied: readonly { readonly number: number; readonly name: string; readonly by: 'us' | 'another' }[];
  /** Version of the tables now. */
  readonly version: number;
  readonly wasReset: boolean;
};

/**
 * Creates or upgrades the tables: applies the migrations that `schema_migrations` lacks in order, each file in a separate
 * transaction that locks the list first. Two runs at once are safe.
 *
 * @param options.reset first drops the tables of the applied migrations, and nothing else in the schema.
 * @throws IngestError `schema_too_new`, `config_invalid` for a file that was changed after it was applied,
 *   `statement_refused` when something depends on a table that `reset` would drop, and whatever the warehouse refuses.
 */
export async function migrate(
  parts: MigrateParts,
  options: { readonly reset: boolean; readonly signal: AbortSignal },
): Promise<MigrateResult> {
  const files = migrationFiles(parts.library);
  const runner = new Runner(parts, { isLasting: true, isInSchema: true, signal: options.signal });
  if (options.reset) await dropTables(runner, parts, files);
  // In a session of its own, because the search path can only be set once the schema is there.
  await createList(new Runner(parts, { isLasting: true, isInSchema: false, signal: options.signal }), parts);
  const pending = pendingMigrations(files, await appliedMigrations(runner, parts));

  const applied: MigrateResult['applied'][number][] = [];
  for (const file of pending) {
    applied.push({ number: file.number, name: file.name, by: await applyOne(runner, parts, file) });
  }
  // Every time: a reset drops the grants with the tables, and a new reader needs them on tables that are there.
  const grants = readerGrants(parts.schema, parts.readers ?? []);
  if (grants.length > 0) await runner.run('grant to readers', grants);
  return { schema: parts.schema, applied, version: files.at(-1)?.number ?? 0, wasReset: options.reset };
}

/** The migrations of the program, in order. */
export function migrationFiles(library: SqlLibrary): readonly Migration[] {
  return library.list('schema').map((path) => migration(path, library.source(path)));
}

/** The migrations in the database's list. @throws IngestError `schema_missing` without a list. */
export async function listApplied(parts: MigrateParts, signal: AbortSignal): Promise<readonly AppliedMigration[]> {
  return await appliedMigrations(new Runner(parts, { isLasting: false, isInSchema: true, signal }), parts);
}

/** Runs transactions in one session, each with a new token; `isInSchema`: unqualified names are those of the schema. */
class Runner {
  readonly #session: WarehouseSession;
  readonly #signal: AbortSignal;
  readonly #nonce: string;
  readonly #isLasting: boolean;
  #runs = 0;

  constructor(
    { random, schema, warehouse }: MigrateParts,
    { isInSchema, isLasting, signal }: { isInSchema: boolean; isLasting: boolean; signal: AbortSignal },
  ) {
    this.#session = warehouse.openSession(isInSchema ? [`set search_path to ${quoteSchema(schema)}`] : []);
    this.#signal = signal;
    this.#isLasting = isLasting;
    this.#nonce = `${Math.floor(random() * 2 ** 40).toString(36)}${Math.floor(random() * 2 ** 40).toString(36)}`;
  }

  /** @returns the rows of the last statement. */
  async run(name: string, statements: readonly string[]): Promise<readonly Row[]> {
    this.#runs += 1;
    const script = {
      name: `sparkify migrate: ${name}`,
      isLasting: this.#isLasting,
      steps: [{ statements, answer: 'rows' }],
    } as const;
    const token = `migrate-${this.#nonce}-${this.#runs}`;
    const { rowsOf } = await runScript(this.#session, script, { token, signal: this.#signal });
    return rowsOf('rows');
  }
}

/**
 * Drops the tables of the applied migrations and their list, all or none. Tables that no applied migration created stay, even if
 * they have the name of a later one.
 */
async function dropTables(runner: Runner, parts: MigrateParts, files: readonly Migration[]): Promise<void> {
  const { library, schema } = parts;
  const applied = await appliedMigrationsIfAny(runner, parts);
  if (applied === null) return;
  refuseNewerTables(files, applied);
  const numbers = new Set(applied.map(({ number }) => number));
  const paths = [LIST, ...files.filter(({ number }) => numbers.has(number)).map(({ path }) => path)];
  const tables = createdTables(library.fill(paths, {}));
  try {
    // Qualified names, so that a temporary table cannot take the place; one per statement, so that a refusal names the table.
    await runner.run(
      'reset',
      tables.map((table) => `drop table if exists ${quoteSchema(schema)}."${table}"`),
    );
  } catch (error) {
    const refusal =
      error instanceof IngestError ? /cannot drop .+ depend on (?:it|them)/.exec(error.message)?.[0] : null;
    if (typeof refusal !== 'string') throw error;
    const sentence = dropRefusedSentence(refusal, await dependentViews(runner, parts, tables));
    throw new IngestError('statement_refused', sentence, { cause: error });
  }
}

async function appliedMigrationsIfAny(
  runner: Runner,
  parts: MigrateParts,
): Promise<readonly AppliedMigration[] | null> {
  try {
    return await appliedMigrations(runner, parts);
  } catch (error) {
    if (error instanceof IngestError && error.code === 'schema_missing') return null;
    throw error;
  }
}

async function dependentViews(
  runner: Runner,
  { library, schema }: MigrateParts,
  tables: readonly string[],
): Promise<readonly DependentView[]> {
  const statements = library.fill(['migrate/50_dependent_views.sql'], { schema: sqlText(schema) });
  const rows = await runner.run('ask which views read the tables', statements);
  return rows
    .map((row) => ({
      schema: String(row['view_schema']),
      view: String(row['view_name']),
      table: String(row['table_name']),
    }))
    .filter(({ table }) => tables.includes(table));
}

async function createList(runner: Runner, { library, schema }: MigrateParts): Promise<void> {
  const statements = [
    `create schema if not exists ${quoteSchema(schema)}`,
    `set search_path to ${quoteSchema(schema)}`,
    ...library.fill([LIST], {}),
  ];
  try {
    await runner.run('list', statements);
  } catch (error) {
    // "if not exists" does not lock: one of two runs may be refused, and then finds the tables of the other.
    if (!(error instanceof IngestError) || isHopeless(error)) throw error;
    await runner.run('list again', statements);
  }
}

function isHopeless({ code }: IngestError): boolean {
  return !['unknown', 'serialization_conflict', 'deadlock', 'schema_missing'].includes(code);
}

async function appliedMigrations(runner: Runner, { library }: MigrateParts): Promise<readonly AppliedMigration[]> {
  const rows = await runner.run('read the list', library.fill(['migrate/20_applied.sql'], {}));
  return rows.map((row) => ({
    number: Number(row['number']),
    name: String(row['name']),
    checksum: String(row['checksum']).trim(),
  }));
}

async function applyOne(runner: Runner, parts: MigrateParts, file: Migration): Promise<'us' | 'another'> {
  const { library } = parts;
  const number = sqlInteger(file.number);
  const statements = [
    ...library.fill(['migrate/30_claim.sql'], { number, schema: sqlSchema(parts.schema) }),
    ...library.fill([file.path], {}),
    ...library.fill(['migrate/40_record.sql'], {
      number,
      name: sqlText(file.name),
      checksum: sqlText(file.checksum),
    }),
  ];
  try {
    await runner.run(file.name, statements);
    return 'us';
  } catch (error) {
    const applied = await appliedMigrations(runner, parts).catch(() => {
      throw error;
    });
    if (!applied.some((entry) => entry.number === file.number && entry.checksum === file.checksum)) throw error;
    return 'another';
  }
}
