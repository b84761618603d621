import { copyText } from '../core/copy.ts';
import { quoteSchema } from '../core/sql-literal.ts';
import { COMPARED_TABLES, pairDifferences } from './differences.ts';
import { ReloadFiles } from './reload-files.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { ObjectStore, Row, StatementResult, Warehouse, WarehouseSession } from '../core/ports.ts';
import type { SqlLibrary } from '../loaders/sql-library.ts';
import type { Difference } from './differences.ts';
import type { Listing, VerifyBucket } from './reload-files.ts';

export type VerifyInput = {
  readonly warehouse: Warehouse;
  readonly library: SqlLibrary;
  readonly store: ObjectStore;
  readonly bucket: VerifyBucket;
  readonly schema: string;
  readonly copyRoleArn: string;
  /** Names the files and the statements of this run; letters, digits and hyphens, 20 at most. */
  readonly runId: string;
  readonly onStep: (sentence: string) => void;
  readonly signal: AbortSignal;
};

type TableReport = {
  readonly table: string;
  readonly starRows: number;
  readonly reloadRows: number;
  readonly starOnly: number;
  readonly reloadOnly: number;
  /** Rows beyond the first of their key. */
  readonly doubleKeys: number;
  /** Of the first twenty keys. */
  readonly differences: readonly Difference[];
};

/** `count` of them; the first twenty by name. */
export type NamedObjects = { readonly count: number; readonly examples: readonly string[] };

export type VerifyReport = {
  /** No difference in any table and no object without a fate. */
  readonly equal: boolean;
  readonly logFiles: number;
  readonly songFiles: number;
  readonly tables: readonly TableReport[];
  /** Objects of the bucket that the ledger does not know. */
  readonly unsettled: NamedObjects;
  /** Loaded files that are not in the bucket any more. No error: the star keeps what it has seen. */
  readonly gone: NamedObjects;
  /** Log files that the ledger set aside; they are no part of the reload either. */
  readonly setAside: readonly { readonly key: string; readonly reason: string }[];
};

/**
 * Reloads the whole bucket into a scratch schema `<schema>_verify` with SQL of its own and compares all five tables with
 * the star, both ways; and the bucket with the ledger. The scratch schema is dropped at the end, whatever the end.
 *
 * @throws IngestError as the warehouse or the bucket gives it.
 */
export async function runVerify(input: VerifyInput): Promise<VerifyReport> {
  const run = new VerifyRun(input);
  let report: VerifyReport;
  try {
    report = await run.report();
  } catch (error) {
    // What went wrong first is what a person has to hear; the next run drops what this one could not.
    await run.dropScratch().catch(() => undefined);
    throw error;
  }
  await run.dropScratch();
  return report;
}

class VerifyRun {
  readonly #do: VerifyInput;
  readonly #files: ReloadFiles;
  readonly #scratch: string;
  #session: WarehouseSession;
  #calls = 0;

  constructor(input: VerifyInput) {
    this.#do = input;
    this.#files = new ReloadFiles(input);
    // A schema name takes 63 letters in the settings; the suffix must not push it over.
    this.#scratch = `${input.schema.slice(0, 56)}_verify`;
    this.#session = input.warehouse.openSession();
  }

  async report(): Promise<VerifyReport> {
    const { onStep } = this.#do;
    onStep('listing the bucket');
    const listing = await this.#files.listBucket();
    onStep(`asking the ledger about ${listing.logs.length} log files and ${listing.songs.length} song files`);
    const ledger = await this.#compareLedger(listing);
    const aside = new Set(ledger.setAside.map(({ key }) => key));
    await this.#reload({ ...listing, logs: listing.logs.filter((file) => !aside.has(file.key)) });
    onStep('comparing the five tables');
    const tables: TableReport[] = [];
    for (const compared of COMPARED_TABLES) tables.push(await this.#compareTable(compared));
    const isEqual = ({ starOnly, reloadOnly, doubleKeys }: TableReport) => starOnly + reloadOnly + doubleKeys === 0;
    return {
      equal: tables.every(isEqual) && ledger.unsettled.count === 0,
      logFiles: listing.logs.length,
      songFiles: listing.songs.length,
      tables,
      ...ledger,
    };
  }

  async #compareLedger(listing: Listing): Promise<Pick<VerifyReport, 'unsettled' | 'gone' | 'setAside'>> {
    const { library } = this.#do;
    const schema = quoteSchema(this.#scratch);
    // What a run that was killed left behind goes first.
    await this.#run('prepare', [`drop schema if exists ${schema} cascade`, `create schema ${schema}`]);
    const listed = await this.#files.writeListing(listing);
    const asked = library.list('verify/ledger').flatMap((path) => library.fill([path], {}));
    const results = await this.#run('ledger', [
      ...library.fill(['verify/reload/10_create_tables.sql'], {}),
      this.#copy('listed_objects', listed),
      ...asked,
    ]);
    const [setAside = [], unsettled = [], gone = []] = await this.#lastRows(results, asked.length);
    return {
      setAside: setAside.map((row) => ({ key: String(row['object_key']), reason: String(row['reason']) })),
      unsettled: named(unsettled, 'unsettled'),
      gone: named(gone, 'gone'),
    };
  }

  async #reload({ logs, songs }: Listing): Promise<void> {
    const { library, onStep } = this.#do;
    const isGzip = (file: FileEvent) => file.key.endsWith('.gz');
    // COPY takes an empty file for no file at all when it is the only one.
    const plain = logs.filter((file) => !isGzip(file) && file.size > 0);
    const packed = logs.filter((file) => isGzip(file) && file.size > 0);
    const copies: string[] = [];
    if (plain.length > 0) copies.push(this.#copy('raw_events', await this.#files.writeLogManifest('logs', plain)));
    if (packed.length > 0) {
      copies.push(this.#copy('raw_events', await this.#files.writeLogManifest('logs-gzip', packed), true));
    }
    if (songs.length > 0) {
      onStep(`reading ${songs.length} song files`);
      copies.push(this.#copy('raw_songs', await this.#files.writeSongs(songs)));
    }
    onStep(`reloading ${logs.length} log files and ${songs.length} song files into ${this.#scratch}`);
    if (copies.length > 0) await this.#run('copy', copies);
    const decide = library.list('verify/reload').filter((path) => !path.endsWith('10_create_tables.sql'));
    await this.#run('reload', library.fill(decide, {}));
  }

  async #compareTable({ table, key }: (typeof COMPARED_TABLES)[number]): Promise<TableReport> {
    const results = await this.#run(`compare-${table}`, this.#do.library.fill([`verify/compare/${table}.sql`], {}));
    const [counts = [], rows = []] = await this.#lastRows(results, 2);
    const count = (name: string) => Number(counts[0]?.[name] ?? 0);
    return {
      table,
      starRows: count('star_rows'),
      reloadRows: count('reload_rows'),
      starOnly: count('star_only'),
      reloadOnly: count('reload_only'),
      doubleKeys: count('star_rows') - count('star_keys'),
      differences: pairDifferences({ table, key, rows }),
    };
  }

  #copy(table: string, manifestUri: string, isGzip = false): string {
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

  /** The statements in one transaction in which the scratch schema comes before the star's. */
  async #run(
    name: string,
    statements: readonly string[],
    signal = this.#do.signal,
  ): Promise<readonly StatementResult[]> {
    const path = `set search_path to ${quoteSchema(this.#scratch)}, ${quoteSchema(this.#do.schema)}`;
    this.#calls += 1;
    return await this.#session.transaction({
      name: `verify-${name}`,
      token: `verify-${this.#do.runId}-${this.#calls}`,
      statements: [path, ...statements],
      signal,
    });
  }

  async #lastRows(results: readonly StatementResult[], last: number): Promise<readonly (readonly Row[])[]> {
    const rows: (readonly Row[])[] = [];
    for (const result of results.slice(-last)) {
      rows.push(result.hasResultSet ? await this.#session.rows(result, this.#do.signal) : []);
    }
    return rows;
  }

  async dropScratch(): Promise<void> {
    // A session whose statement was cut off may still be busy with it.
    this.#session.reset();
    this.#session = this.#do.warehouse.openSession();
    const patience = AbortSignal.timeout(30_000);
    await this.#run('drop', [`drop schema if exists ${quoteSchema(this.#scratch)} cascade`], patience);
  }
}

function named(rows: readonly Row[], countColumn: string): NamedObjects {
  return {
    count: Number(rows[0]?.[countColumn] ?? 0),
    examples: rows.map((row) => String(row['object_key'])),
  };
}
