import { COMPARED_TABLES, pairDifferences } from './differences.ts';
import { RAW_SONGS, rawEvents } from './raw-rows.ts';
import { ReloadFiles } from './reload-files.ts';
import { ScratchSchema } from './scratch-schema.ts';
import { UnreadObjects } from './unread-objects.ts';
import { objectId, storableKey } from '../core/loading/ledger.ts';
import type { ObjectStore, Row, Warehouse } from '../core/ports.ts';
import type { LogKeyNames } from '../datasets/logs/judge-event.ts';
import type { SqlLibrary } from '../sql/sql-library.ts';
import type { ScriptStep } from '../sql/run-script.ts';
import type { Difference } from './differences.ts';
import type { Listing, VerifyBucket } from './reload-files.ts';

export type VerifyInput = {
  readonly warehouse: Warehouse;
  readonly library: SqlLibrary;
  readonly store: ObjectStore;
  readonly bucket: VerifyBucket;
  readonly schema: string;
  readonly copyRoleArn: string;
  /** The keys of the log files; absent: the usual keys. */
  readonly logKeyNames?: LogKeyNames | undefined;
  /** Names the scratch schema, the files and the statements of this run; lower-case letters and digits, 20 at most. */
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

/** A loaded file that cannot be reloaded: it is not in the bucket, its current version cannot be read, or it was retracted. */
type NotCompared = { readonly key: string; readonly fate: 'gone' | 'unread' | 'retracted'; readonly rows: number };

/** All objects of the bucket that could not be read for the reload. */
export type UnreadFiles = readonly { readonly key: string; readonly reason: string }[];

export type VerifyReport = {
  /** No difference in any table. The contents of `unread` could not be compared. */
  readonly equal: boolean;
  readonly logFiles: number;
  readonly songFiles: number;
  readonly tables: readonly TableReport[];
  /**
   * Loaded files that cannot be reloaded; the first twenty by name. Their rows stay (a retracted file has none). The number and the
   * checksum of each file's rows are compared (`ingest_objects`), but not the values.
   */
  readonly notCompared: { readonly files: number; readonly rows: number; readonly examples: readonly NotCompared[] };
  /** Rows without a source file, loaded by a program older than `sql/schema/010_lineage.sql`. Compared if the bucket has them. */
  readonly withoutLineage: { readonly plays: number; readonly users: number; readonly songs: number };
  /** Quarantined files that cannot be read for the reload either. */
  readonly setAside: UnreadFiles;
  /** All other unreadable files. */
  readonly unread: UnreadFiles;
};

/**
 * Reloads the whole bucket into a scratch schema with separate SQL, and compares the star and the tables that later loads rely on with
 * it, both ways. A file that cannot be read counts in its live version, as the warehouse has it (`sql/verify/reload/10_files.sql`).
 * The scratch schema is always dropped at the end.
 *
 * @throws IngestError as the warehouse or the bucket gives it.
 */
export async function runVerify(input: VerifyInput): Promise<VerifyReport> {
  const scratch = new ScratchSchema(input);
  const files = new ReloadFiles(input);
  await scratch.dropLeftOvers();
  try {
    return await new VerifyRun(input, { scratch, files }).report();
  } finally {
    await cleanUp({ scratch, files, onStep: input.onStep });
  }
}

/** A failed cleanup must not hide the result or the original error; a later run drops the schema. */
async function cleanUp(run: { scratch: ScratchSchema; files: ReloadFiles; onStep: VerifyInput['onStep'] }) {
  const { files, onStep, scratch } = run;
  try {
    await files.removeParts();
  } catch (error) {
    onStep(`could not delete the work files of this run; you can delete them (${why(error)})`);
  }
  try {
    await scratch.drop();
  } catch (error) {
    onStep(
      `could not drop the scratch schema ${scratch.name}; a run after 48 hours drops it, or drop it yourself (${why(error)})`,
    );
  }
}

function why(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Each table takes eight statements, and a Data API transaction has at most forty. */
const TABLES_AT_ONCE = 4;

/** By object id, why the object is quarantined. */
type SetAside = ReadonlyMap<string, string>;

type Named = Pick<VerifyReport, 'notCompared' | 'withoutLineage'>;

class VerifyRun {
  readonly #do: VerifyInput;
  readonly #files: ReloadFiles;
  readonly #scratch: ScratchSchema;
  readonly #unreadLogs = new UnreadObjects();
  readonly #unreadSongs = new UnreadObjects();

  constructor(input: VerifyInput, parts: { scratch: ScratchSchema; files: ReloadFiles }) {
    this.#do = input;
    this.#files = parts.files;
    this.#scratch = parts.scratch;
  }

  async report(): Promise<VerifyReport> {
    const { onStep } = this.#do;
    onStep('listing the bucket');
    const listing = await this.#files.listBucket();
    await this.#scratch.create();
    const { setAside, ...named } = await this.#reload(listing);
    onStep('comparing the tables');
    const tables = await this.#compareTables();
    const isEqual = ({ starOnly, reloadOnly, doubleKeys }: TableReport) => starOnly + reloadOnly + doubleKeys === 0;
    return {
      equal: tables.every(isEqual),
      logFiles: listing.logs.length,
      songFiles: listing.songs.length,
      tables,
      ...named,
      ...this.#unreadFiles(setAside),
    };
  }

  async #reload({ logs, songs }: Listing): Promise<Named & { setAside: SetAside }> {
    const { library, logKeyNames, onStep } = this.#do;
    onStep(`reading ${logs.length} log files`);
    const events = await this.#files.writeObjects(logs, rawEvents(logKeyNames), this.#unreadLogs);
    onStep(`reading ${songs.length} song files`);
    const rows = await this.#files.writeObjects(songs, RAW_SONGS, this.#unreadSongs);
    onStep(`reloading the files into ${this.#scratch.name}`);
    const listing = await this.#files.writeListing({
      logs: { read: events.read, unread: this.#unreadLogs },
      songs: { read: rows.read, unread: this.#unreadSongs },
    });
    const statements = [
      ...this.#copies('listed_objects', listing),
      ...this.#copies('raw_events', events.manifestUri),
      ...this.#copies('raw_songs', rows.manifestUri),
      ...library.fill(library.list('verify/reload'), {}),
    ];
    const { rowsOf } = await this.#scratch.run('reload', [
      { statements },
      this.#asked('verify/named/10_set_aside.sql', 'set_aside'),
      this.#asked('verify/named/20_not_compared.sql', 'not_compared'),
      this.#asked('verify/named/30_without_lineage.sql', 'without_lineage'),
    ]);
    const notCompared = rowsOf('not_compared');
    const [without] = rowsOf('without_lineage');
    return {
      setAside: new Map(rowsOf('set_aside').map((row) => [String(row['object_id']).trim(), String(row['reason'])])),
      notCompared: {
        files: count(notCompared[0], 'files'),
        rows: count(notCompared[0], 'all_rows'),
        examples: notCompared.map((row) => ({
          key: String(row['object_key']),
          fate: row['fate'] as NotCompared['fate'],
          rows: count(row, 'rows_kept'),
        })),
      },
      withoutLineage: {
        plays: count(without, 'plays'),
        users: count(without, 'users'),
        songs: count(without, 'songs'),
      },
    };
  }

  #copies(table: string, manifestUri: string | null): readonly string[] {
    return manifestUri === null ? [] : [this.#scratch.copy(table, manifestUri)];
  }

  async #compareTables(): Promise<readonly TableReport[]> {
    const { library } = this.#do;
    const reports: TableReport[] = [];
    for (let from = 0; from < COMPARED_TABLES.length; from += TABLES_AT_ONCE) {
      const tables = COMPARED_TABLES.slice(from, from + TABLES_AT_ONCE);
      const steps = tables.flatMap((table) => [
        { statements: library.fill(['verify/differences/10_drop.sql'], {}) },
        { statements: library.fill([`verify/compare/${table}.sql`], {}) },
        this.#asked('verify/differences/20_counts.sql', `${table} counts`),
        this.#asked('verify/differences/30_rows.sql', `${table} rows`),
      ]);
      const { rowsOf } = await this.#scratch.run(`compare-${from + 1}`, steps);
      for (const table of tables)
        reports.push(tableReport(table, rowsOf(`${table} counts`)[0], rowsOf(`${table} rows`)));
    }
    return reports;
  }

  #asked<A extends string>(file: string, answer: A): ScriptStep<A> {
    return { statements: this.#do.library.fill([file], {}), answer };
  }

  /** Quarantined files with the ledger's reason, the others with the error of this run. */
  #unreadFiles(setAside: SetAside): Pick<VerifyReport, 'setAside' | 'unread'> {
    const files = [...this.#unreadLogs.files, ...this.#unreadSongs.files]
      .filter(({ isGone }) => !isGone)
      .map(({ file, reason }) => ({ key: storableKey(file.key), reason, known: setAside.get(objectId(file)) }));
    return {
      setAside: files.flatMap(({ key, known }) => (known === undefined ? [] : [{ key, reason: known }])),
      unread: files.flatMap(({ key, known, reason }) => (known === undefined ? [{ key, reason }] : [])),
    };
  }
}

function tableReport(table: string, counts: Row | undefined, rows: readonly Row[]): TableReport {
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

function count(row: Row | undefined, column: string): number {
  return Number(row?.[column] ?? 0);
}
