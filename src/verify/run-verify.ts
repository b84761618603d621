import { COMPARED_TABLES, pairDifferences } from './differences.ts';
import { ReloadFiles } from './reload-files.ts';
import { ScratchSchema } from './scratch-schema.ts';
import { storableKey } from '../core/ledger.ts';
import { isCopyable } from '../core/manifest.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { ObjectStore, Row, Warehouse } from '../core/ports.ts';
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
  /** Log files that are there in another version than one that was loaded. No error either. */
  readonly overwritten: NamedObjects;
  /** What a reload of the bucket lacks because of those, and the star keeps: rows that are taken on trust. */
  readonly kept: { readonly plays: number; readonly users: number; readonly songs: number };
  /** Log files that the ledger set aside; they are no part of the reload either. */
  readonly setAside: readonly { readonly key: string; readonly reason: string }[];
};

/**
 * Reloads the whole bucket into a scratch schema `<schema>_verify` with SQL of its own and compares all five tables with
 * the star, both ways; and the bucket with the ledger. What is gone from the bucket cannot be reloaded: its rows are
 * recognised by the ledger and kept (`sql/verify/gone`). The scratch schema is dropped at the end, whatever the end.
 *
 * @throws IngestError as the warehouse or the bucket gives it.
 */
export async function runVerify(input: VerifyInput): Promise<VerifyReport> {
  const scratch = new ScratchSchema(input);
  try {
    return await new VerifyRun(input, scratch).report();
  } finally {
    await dropScratch(scratch, input.onStep);
  }
}

/** What could not be dropped is in nobody's way: neither the result nor the error before it must get lost because of it. */
async function dropScratch(scratch: ScratchSchema, onStep: VerifyInput['onStep']): Promise<void> {
  try {
    await scratch.drop();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    onStep(`the scratch schema ${scratch.name} is still there; the next run drops it, or you may (${why})`);
  }
}

type LedgerReport = Pick<VerifyReport, 'unsettled' | 'gone' | 'overwritten' | 'setAside'>;

class VerifyRun {
  readonly #do: VerifyInput;
  readonly #files: ReloadFiles;
  readonly #scratch: ScratchSchema;

  constructor(input: VerifyInput, scratch: ScratchSchema) {
    this.#do = input;
    this.#files = new ReloadFiles(input);
    this.#scratch = scratch;
  }

  async report(): Promise<VerifyReport> {
    const { onStep } = this.#do;
    onStep('listing the bucket');
    const listing = await this.#files.listBucket();
    onStep(`asking the ledger about ${listing.logs.length} log files and ${listing.songs.length} song files`);
    const ledger = await this.#compareLedger(listing);
    const aside = new Set(ledger.setAside.map(({ key }) => key));
    const kept = await this.#reload({
      ...listing,
      logs: listing.logs.filter((file) => !aside.has(storableKey(file.key))),
    });
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
      kept,
    };
  }

  async #compareLedger(listing: Listing): Promise<LedgerReport> {
    const { library } = this.#do;
    await this.#scratch.create();
    const listed = await this.#files.writeListing(listing);
    const asked = library.list('verify/ledger').flatMap((path) => library.fill([path], {}));
    const results = await this.#scratch.run('ledger', [
      ...library.fill(['verify/reload/10_create_tables.sql'], {}),
      this.#scratch.copy('listed_objects', listed),
      ...library.fill(library.list('verify/gone'), {}),
      ...asked,
    ]);
    const [setAside = [], unsettled = [], gone = [], overwritten = []] = await this.#scratch.lastRows(
      results,
      asked.length,
    );
    return {
      setAside: setAside.map((row) => ({ key: String(row['object_key']), reason: String(row['reason']) })),
      unsettled: named(unsettled),
      gone: named(gone),
      overwritten: named(overwritten),
    };
  }

  async #reload({ logs, songs }: Listing): Promise<VerifyReport['kept']> {
    const { library, onStep } = this.#do;
    const isGzip = (file: FileEvent) => file.key.endsWith('.gz');
    // COPY takes an empty file for no file at all when it is the only one.
    const readable = logs.filter((file) => isCopyable(file) && file.size > 0);
    const plain = readable.filter((file) => !isGzip(file));
    const packed = readable.filter(isGzip);
    const copies: string[] = [];
    const copy = (table: string, uri: string, gzip = false) => copies.push(this.#scratch.copy(table, uri, gzip));
    if (plain.length > 0) copy('raw_events', await this.#files.writeLogManifest('logs', plain));
    if (packed.length > 0) copy('raw_events', await this.#files.writeLogManifest('logs-gzip', packed), true);
    if (songs.length > 0) {
      onStep(`reading ${songs.length} song files`);
      copy('raw_songs', await this.#files.writeSongs(songs));
    }
    onStep(`reloading ${logs.length} log files and ${songs.length} song files into ${this.#scratch.name}`);
    if (copies.length > 0) await this.#scratch.run('copy', copies);
    const decide = library.list('verify/reload').filter((path) => !path.endsWith('10_create_tables.sql'));
    const results = await this.#scratch.run('reload', library.fill(decide, {}));
    const [[kept] = []] = await this.#scratch.lastRows(results, 1);
    return { plays: count(kept, 'plays'), users: count(kept, 'users'), songs: count(kept, 'songs') };
  }

  async #compareTable(table: (typeof COMPARED_TABLES)[number]): Promise<TableReport> {
    const [drop = '', different = ''] = this.#do.library.list('verify/differences');
    const statements = this.#do.library.fill([drop, `verify/compare/${table}.sql`, different], {});
    const results = await this.#scratch.run(`compare-${table}`, statements);
    const [[counts] = [], rows = []] = await this.#scratch.lastRows(results, 2);
    return {
      table,
      starRows: count(counts, 'star_rows'),
      reloadRows: count(counts, 'reload_rows'),
      starOnly: count(counts, 'star_only'),
      reloadOnly: count(counts, 'reload_only'),
      doubleKeys: count(counts, 'star_rows') - count(counts, 'star_keys'),
      differences: pairDifferences({ table, rows }),
    };
  }
}

function count(row: Row | undefined, column: string): number {
  return Number(row?.[column] ?? 0);
}

/** Every row says in `files` how many there are. */
function named(rows: readonly Row[]): NamedObjects {
  return { count: count(rows[0], 'files'), examples: rows.map((row) => String(row['object_key'])) };
}
