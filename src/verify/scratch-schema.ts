import { copyText } from '../core/copy.ts';
import { quoteSchema } from '../core/sql-literal.ts';
import type { Row, StatementResult, Warehouse, WarehouseSession } from '../core/ports.ts';

export type ScratchInput = {
  readonly warehouse: Warehouse;
  /** The star's; the scratch schema is named after it. */
  readonly schema: string;
  readonly copyRoleArn: string;
  readonly runId: string;
  readonly signal: AbortSignal;
};

/** The schema `<schema>_verify`, which lives as long as one comparison. */
export class ScratchSchema {
  readonly name: string;
  readonly #do: ScratchInput;
  #session: WarehouseSession;
  #calls = 0;

  constructor(input: ScratchInput) {
    this.#do = input;
    // A schema name takes 63 letters in the settings; the suffix must not push it over.
    this.name = `${input.schema.slice(0, 56)}_verify`;
    this.#session = input.warehouse.openSession();
  }

  /** What a run that was killed left behind goes first. */
  async create(): Promise<void> {
    const schema = quoteSchema(this.name);
    await this.run('prepare', [`drop schema if exists ${schema} cascade`, `create schema ${schema}`]);
  }

  /** The statements in one transaction in which the scratch schema comes before the star's. */
  async run(
    name: string,
    statements: readonly string[],
    signal = this.#do.signal,
  ): Promise<readonly StatementResult[]> {
    const path = `set search_path to ${quoteSchema(this.name)}, ${quoteSchema(this.#do.schema)}`;
    this.#calls += 1;
    return await this.#session.transaction({
      name: `verify-${name}`,
      token: `verify-${this.#do.runId}-${this.#calls}`,
      statements: [path, ...statements],
      signal,
    });
  }

  /** The rows of the last so many statements; none of one that gives none. */
  async lastRows(results: readonly StatementResult[], last: number): Promise<readonly (readonly Row[])[]> {
    const rows: (readonly Row[])[] = [];
    for (const result of results.slice(-last)) {
      rows.push(result.hasResultSet ? await this.#session.rows(result, this.#do.signal) : []);
    }
    return rows;
  }

  /** A COPY into a table of the scratch schema. */
  copy(table: string, manifestUri: string, isGzip = false): string {
    return copyText({
      table,
      from: manifestUri,
      isManifest: true,
      roleArn: this.#do.copyRoleArn,
      region: null,
      json: 'auto ignorecase',
      isGzip,
      checkUpToErrors: null,
    });
  }

  async drop(): Promise<void> {
    // A session whose statement was cut off may still be busy with it.
    this.#session = this.#do.warehouse.openSession();
    const patience = AbortSignal.timeout(30_000);
    await this.run('drop', [`drop schema if exists ${quoteSchema(this.name)} cascade`], patience);
  }
}
