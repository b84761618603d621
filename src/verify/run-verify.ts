import { COMPARED_TABLES, pairDifferences } from './differences.ts';
import { RAW_SONGS, rawEvents } from './raw-rows.ts';
import { ReloadFiles } from './reload-files.ts';
import { ScratchSchema } from './scratch-schema.ts';
import { UnreadObjects } from './unread-objects.ts';
import { objectId, storableKey } from '../core/ledger.ts';
import type { ObjectStore, Row, StatementResult, Warehouse } from '../core/ports.ts';
import type { LogKeyNames } from '../datasets/logs/judge-event.ts';
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
  /** Under which keys the log files have each value; absent: under their own. */
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

/** `count` of them; the first twenty by name. */
export type NamedObjects = { readonly count: number; readonly examples: readonly string[] };

/** Objects of the bucket that could not be read for the reload, all of them. */
export type UnreadFiles = readonly { readonly key: string; readonly reason: string }[];

export type VerifyReport = {
  /** No difference in any table; `unread` says of what this cannot be known. */
  readonly equal: boolean;
  readonly logFiles: number;
  readonly songFiles: number;
  readonly tables: readonly TableReport[];
  /** Loaded files that are not in the bucket any more. Not an error: the star keeps what it has seen. */
  readonly gone: NamedObjects;
  /** Log files that are there in another version than one that was loaded. Not an error either. */
  readonly overwritten: NamedObjects;
  /** What a reload of the bucket lacks because of those and of `unread`, and the star keeps: rows that are taken on trust. */
  readonly kept: { readonly plays: number; readonly users: number; readonly songs: number };
  /** Files that the ledger set aside and that cannot be read for the reload either. */
  readonly setAside: UnreadFiles;
  /** All other files that cannot be read: what was loaded from them is taken on trust. */
  readonly unread: UnreadFiles;
};

/**
 * Reloads the whole bucket into a scratch schema with SQL of its own and compares the star, and what later loads trust,
 * with it, both ways. What cannot be read (any more) cannot be reloaded: its rows are recognised by the ledger and kept
 * (`sql/verify/reload/10_gone_versions.sql`). The scratch schema is dropped at the end, whatever the end.
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

/** What could not be removed is in nobody's way: neither the result nor the error before it must get lost because of it. */
async function cleanUp(run: { scratch: ScratchSchema; files: ReloadFiles; onStep: VerifyInput['onStep'] }) {
  const { files, onStep, scratch } = run;
  try {
    await files.removeParts();
  } catch (error) {
    onStep(`files that the comparison wrote are still in the bucket; you may delete them (${why(error)})`);
  }
  try {
    await scratch.drop();
  } catch (error) {
    onStep(
      `the scratch schema ${scratch.name} is still there; a run after 48 hours drops it, or you may (${why(error)})`,
    );
  }
}

function why(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Each takes eight statements, and a transaction of the Data API holds forty. */
const TABLES_AT_ONCE = 4;

/** By object id, why the ledger set the object aside. */
type SetAside = ReadonlyMap<string, string>;

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
    const setAside = await this.#askWhatIsSetAside(listing);
    const named = await this.#reload(listing);
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

  async #askWhatIsSetAside(listing: Listing): Promise<SetAside> {
    const { library, onStep } = this.#do;
    onStep(`asking the ledger about ${listing.logs.length} log files and ${listing.songs.length} song files`);
    const results = await this.#scratch.create([
      ...this.#copies('listed_objects', await this.#files.writeListing(listing)),
      ...library.fill(library.list('verify/listing'), {}),
    ]);
    const [rows = []] = await this.#scratch.lastRows(results, 1);
    return new Map(rows.map((row) => [String(row['object_id']).trim(), String(row['reason'])]));
  }

  async #reload({ logs, songs }: Listing): Promise<Pick<VerifyReport, 'gone' | 'overwritten' | 'kept'>> {
    const { library, logKeyNames, onStep } = this.#do;
    onStep(`reading ${logs.length} log files`);
    const events = await this.#files.writeObjects(logs, rawEvents(logKeyNames), this.#unreadLogs);
    onStep(`reading ${songs.length} song files`);
    const read = await this.#files.writeObjects(songs, RAW_SONGS, this.#unreadSongs);
    onStep(`reloading what was read into ${this.#scratch.name}`);
    const raw = [...this.#copies('raw_events', events), ...this.#copies('raw_songs', read)];
    const unread = this.#copies('unread_objects', await this.#files.writeUnread([this.#unreadLogs, this.#unreadSongs]));
    const asked = library.list('verify/named').flatMap((path) => library.fill([path], {}));
    const decide = library.fill(library.list('verify/reload'), {});
    const results = await this.#scratch.run('reload', [...raw, ...unread, ...decide, ...asked]);
    const [gone = [], overwritten = [], [kept] = []] = await this.#scratch.lastRows(results, asked.length);
    return {
      gone: named(gone),
      overwritten: named(overwritten),
      kept: { plays: count(kept, 'plays'), users: count(kept, 'users'), songs: count(kept, 'songs') },
    };
  }

  #copies(table: string, manifestUri: string | null): readonly string[] {
    return manifestUri === null ? [] : [this.#scratch.copy(table, manifestUri)];
  }

  async #compareTables(): Promise<readonly TableReport[]> {
    const { library } = this.#do;
    const [drop = '', different = ''] = library.list('verify/differences');
    const reports: TableReport[] = [];
    for (let from = 0; from < COMPARED_TABLES.length; from += TABLES_AT_ONCE) {
      const tables = COMPARED_TABLES.slice(from, from + TABLES_AT_ONCE);
      const statements = tables.map((table) => library.fill([drop, `verify/compare/${table}.sql`, different], {}));
      const results = await this.#scratch.run(`compare-${from + 1}`, statements.flat());
      let end = 1;
      for (const [index, table] of tables.entries()) {
        end += statements[index]?.length ?? 0;
        reports.push(await this.#tableReport(table, results.slice(0, end)));
      }
    }
    return reports;
  }

  async #tableReport(table: string, results: readonly StatementResult[]): Promise<TableReport> {
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

  /** What the ledger set aside is named with the ledger's reason, everything else with what was met now. */
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

function count(row: Row | undefined, column: string): number {
  return Number(row?.[column] ?? 0);
}

/** Every row says in `files` how many there are. */
function named(rows: readonly Row[]): NamedObjects {
  return { count: count(rows[0], 'files'), examples: rows.map((row) => String(row['object_key'])) };
}
