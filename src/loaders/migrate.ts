import { IngestError } from '../core/errors.ts';
import type { AppliedMigration, Migration } from '../core/migrations.ts';
import { migration, pendingMigrations } from '../core/migrations.ts';
import type { Random, Row, Warehouse, WarehouseSession } from '../core/ports.ts';
import { quoteSchema, sqlInteger, sqlText } from '../core/sql-literal.ts';
import type { SqlLibrary } from './sql-library.ts';

export type MigrateParts = {
  readonly warehouse: Warehouse;
  readonly library: SqlLibrary;
  readonly random: Random;
  readonly schema: string;
};

/** What a migration did; `by: 'another'` when somebody else applied it at the same time. */
export type MigrateResult = {
  readonly schema: string;
  readonly applied: readonly { readonly number: number; readonly name: string; readonly by: 'us' | 'another' }[];
  /** Version of the tables now. */
  readonly version: number;
  readonly wasReset: boolean;
};

/**
 * Creates or upgrades the tables: what `schema_migrations` does not list is applied in order, each file in a transaction
 * of its own that takes the list's lock first. Two at once do no harm.
 *
 * @param options.reset drops the whole schema first.
 * @throws IngestError `schema_too_new`, `config_invalid` for a file that was changed after it was applied, and whatever
 *   the warehouse refuses.
 */
export async function migrate(
  parts: MigrateParts,
  options: { readonly reset: boolean; readonly signal: AbortSignal },
): Promise<MigrateResult> {
  const files = migrationFiles(parts.library);
  const runner = new Runner(parts, options.signal);
  if (options.reset) await runner.run('reset', [`drop schema if exists ${quoteSchema(parts.schema)} cascade`]);
  await createList(runner, parts);
  const pending = pendingMigrations(files, await appliedMigrations(runner, parts));

  const applied: MigrateResult['applied'][number][] = [];
  for (const file of pending) {
    applied.push({ number: file.number, name: file.name, by: await applyOne(runner, parts, file) });
  }
  return { schema: parts.schema, applied, version: files.at(-1)?.number ?? 0, wasReset: options.reset };
}

/** The migrations of the program, in order. */
export function migrationFiles(library: SqlLibrary): readonly Migration[] {
  return library.list('schema').map((path) => migration(path, library.source(path)));
}

/** The migrations that the database lists. Fails with `schema_missing` when there is no list. */
export async function listApplied(parts: MigrateParts, signal: AbortSignal): Promise<readonly AppliedMigration[]> {
  return await appliedMigrations(new Runner(parts, signal, { isQuestion: true }), parts);
}

/** Runs transactions in one session, with a token each. */
class Runner {
  readonly #session: WarehouseSession;
  readonly #signal: AbortSignal;
  readonly #searchPath: string;
  readonly #nonce: string;
  readonly #isQuestion: boolean;
  #runs = 0;

  constructor({ random, schema, warehouse }: MigrateParts, signal: AbortSignal, options = { isQuestion: false }) {
    this.#session = warehouse.openSession();
    this.#signal = signal;
    this.#isQuestion = options.isQuestion;
    this.#searchPath = `set search_path to ${quoteSchema(schema)}`;
    this.#nonce = `${Math.floor(random() * 2 ** 40).toString(36)}${Math.floor(random() * 2 ** 40).toString(36)}`;
  }

  /** @returns the rows of the last statement. */
  async run(name: string, statements: readonly string[]): Promise<readonly Row[]> {
    this.#runs += 1;
    const results = await this.#session.transaction({
      name: `sparkify migrate: ${name}`,
      token: `migrate-${this.#nonce}-${this.#runs}`,
      statements,
      isQuestion: this.#isQuestion,
      signal: this.#signal,
    });
    const last = results.at(-1);
    return last === undefined ? [] : await this.#session.rows(last, this.#signal);
  }

  async runInSchema(name: string, statements: readonly string[]): Promise<readonly Row[]> {
    return await this.run(name, [this.#searchPath, ...statements]);
  }
}

async function createList(runner: Runner, { library, schema }: MigrateParts): Promise<void> {
  const statements = [
    `create schema if not exists ${quoteSchema(schema)}`,
    `set search_path to ${quoteSchema(schema)}`,
    ...library.fill(['migrate/10_create_schema_migrations.sql'], {}),
  ];
  try {
    await runner.run('list', statements);
  } catch (error) {
    // "if not exists" is no lock: of two at once, one may still be refused, and then finds the other's work.
    if (!(error instanceof IngestError) || isHopeless(error)) throw error;
    await runner.run('list again', statements);
  }
}

function isHopeless({ code }: IngestError): boolean {
  return !['unknown', 'serialization_conflict', 'deadlock', 'schema_missing'].includes(code);
}

async function appliedMigrations(runner: Runner, { library }: MigrateParts): Promise<readonly AppliedMigration[]> {
  const rows = await runner.runInSchema('read the list', library.fill(['migrate/20_applied.sql'], {}));
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
    ...library.fill(['migrate/30_claim.sql'], { number }),
    ...library.fill([file.path], {}),
    ...library.fill(['migrate/40_record.sql'], {
      number,
      name: sqlText(file.name),
      checksum: sqlText(file.checksum),
    }),
  ];
  try {
    await runner.runInSchema(file.name, statements);
    return 'us';
  } catch (error) {
    const applied = await appliedMigrations(runner, parts);
    if (!applied.some((entry) => entry.number === file.number && entry.checksum === file.checksum)) throw error;
    return 'another';
  }
}
