import { copyText } from '../core/sql/copy.ts';
import { IngestError } from '../core/errors.ts';
import { quoteSchema, sqlText } from '../core/sql/sql-literal.ts';
import type { Warehouse, WarehouseSession } from '../core/ports.ts';
import type { SqlLibrary } from '../sql/sql-library.ts';
import type { ScriptResult, ScriptStep } from '../sql/run-script.ts';
import { runScript } from '../sql/run-script.ts';

export type ScratchInput = {
  readonly warehouse: Warehouse;
  readonly library: SqlLibrary;
  /** The star's; the scratch schema is named after it. */
  readonly schema: string;
  readonly copyRoleArn: string;
  /** Lower-case letters and digits, 20 at most. */
  readonly runId: string;
  readonly onStep: (sentence: string) => void;
  readonly signal: AbortSignal;
};

/** Maximum length of a schema name in the settings and in the embedded Redshift; Redshift allows 127 bytes. */
const SCHEMA_NAME_LENGTH = 63;

/**
 * The schema `<schema>_verify_<run id>` of one comparison. It contains a marker table, by which a later run recognises a scratch schema
 * that a killed run left behind.
 */
export class ScratchSchema {
  readonly name: string;
  /** The prefix of the names of this star's scratch schemas. */
  readonly #prefix: string;
  readonly #do: ScratchInput;
  #session: WarehouseSession;
  #calls = 0;

  constructor(input: ScratchInput) {
    this.#do = input;
    const room = SCHEMA_NAME_LENGTH - '_verify_'.length - input.runId.length;
    this.#prefix = `${input.schema.slice(0, room)}_verify_`;
    this.name = `${this.#prefix}${input.runId}`;
    this.#session = input.warehouse.openSession();
  }

  /** Drops the scratch schemas of runs that were killed more than 48 hours ago; only schemas with the marker. */
  async dropLeftOvers(): Promise<void> {
    const { library, onStep, schema } = this.#do;
    const marked = library.fill(['verify/scratch/10_marked_schemas.sql'], { pattern: sqlText(`${this.#prefix}%`) });
    const { rowsOf } = await this.#transact('left-overs', [{ statements: marked, answer: 'schemas' }]);
    const rows = rowsOf('schemas');
    const names = rows.map((row) => String(row['schemaname'])).filter((name) => name.startsWith(this.#prefix));
    for (const name of names) {
      try {
        const isLeftOver = library.fill(['verify/scratch/20_is_left_over.sql'], { star_schema: sqlText(schema) });
        const statements = [`set search_path to ${quoteSchema(name)}`, ...isLeftOver];
        const asked = await this.#transact('is-left-over', [{ statements, answer: 'marks' }]);
        if (asked.rowsOf('marks').length > 0) await this.#transact('drop-left-over', [dropStep(name)]);
      } catch (error) {
        if (!(error instanceof IngestError) || error.code === 'aborted') throw error;
        // Another run is dropping the schema, or another user owns it: this comparison can continue.
        if (error.code !== 'schema_missing')
          onStep(`could not drop the scratch schema ${name} of an interrupted run: ${error.message}`);
      }
    }
  }

  /**
   * Creates the schema with its tables in one transaction. The search path is set after the schema is created, because Redshift
   * refuses a path to a missing schema.
   */
  async create(): Promise<void> {
    const { library, runId, schema } = this.#do;
    const values = { run_id: sqlText(runId), star_schema: sqlText(schema) };
    const statements = [
      `create schema ${quoteSchema(this.name)}`,
      this.#searchPath(),
      ...library.fill(['verify/scratch/30_mark.sql'], values),
      ...library.fill(['verify/scratch/40_create_tables.sql'], {}),
    ];
    await this.#transact('create', [{ statements }]);
  }

  /** The steps in one transaction in which the scratch schema comes before the star's. */
  async run<A extends string = never>(name: string, steps: readonly ScriptStep<A>[]): Promise<ScriptResult<A>> {
    return await this.#transact(name, [{ statements: [this.#searchPath()] }, ...steps]);
  }

  /** A COPY of parts into a table of the scratch schema. */
  copy(table: string, manifestUri: string): string {
    return copyText({
      table,
      from: manifestUri,
      isParts: true,
      roleArn: this.#do.copyRoleArn,
    });
  }

  async drop(): Promise<void> {
    // A new session, because the old one may still run an aborted statement.
    this.#session = this.#do.warehouse.openSession();
    await this.#transact('drop', [dropStep(this.name)], AbortSignal.timeout(30_000));
  }

  #searchPath(): string {
    return `set search_path to ${quoteSchema(this.name)}, ${quoteSchema(this.#do.schema)}`;
  }

  async #transact<A extends string = never>(
    name: string,
    steps: readonly ScriptStep<A>[],
    signal = this.#do.signal,
  ): Promise<ScriptResult<A>> {
    this.#calls += 1;
    const script = { name: `verify-${name}`, isLasting: true, steps };
    return await runScript(this.#session, script, { token: `verify-${this.#do.runId}-${this.#calls}`, signal });
  }
}

function dropStep(schema: string): ScriptStep<never> {
  return { statements: [`drop schema if exists ${quoteSchema(schema)} cascade`] };
}
