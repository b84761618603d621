import { COMPARED_TABLES, pairDifferences } from './differences.ts';
import { RAW_SONGS, rawEvents } from './raw-rows.ts';
import { UnreadObjects } from './unread-objects.ts';
import { isWhole } from './part.ts';
import { objectId, storableKey } from '../core/loading/ledger.ts';
import { sqlForeignText, sqlInteger, sqlSchema, sqlTimestamp } from '../core/sql/sql-literal.ts';
import type { Dataset } from '../core/dataset.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { Row } from '../core/ports.ts';
import type { SqlValues } from '../core/loading/load-plan.ts';
import type { ScriptStep } from '../sql/run-script.ts';
import type { RawRows } from './raw-rows.ts';
import type { Listing, Looked, ReloadFiles } from './reload-files.ts';
import type { NotCompared, TableReport, VerifyReport } from './report.ts';
import type { VerifyInput } from './verify-input.ts';
import type { ScratchSchema } from './scratch-schema.ts';

/** Each table takes four statements, and a Data API transaction has at most forty. */
const TABLES_AT_ONCE = 9;

/** At most so many objects are looked at again, or named. */
export const OBJECTS_MAX = 100_000;

/** By object id, why the object is quarantined. */
type Quarantined = ReadonlyMap<string, string>;

type Named = Pick<VerifyReport, 'notCompared' | 'withoutLineage'>;

export type RoundReport = Named &
  Pick<VerifyReport, 'logFiles' | 'songFiles' | 'tables' | 'quarantined' | 'unread'> & {
    /** The objects that the differing rows name: keys by object id. */
    readonly differing: ReadonlyMap<string, string>;
  };

/**
 * One comparison: lists the bucket, reads the objects of the part, reloads the rows into the scratch schema and compares the tables.
 * Rows of objects outside the part come from the warehouse.
 */
export class VerifyRound {
  readonly #do: VerifyInput;
  readonly #files: ReloadFiles;
  readonly #scratch: ScratchSchema;
  readonly #unread = { logs: new UnreadObjects(), songs: new UnreadObjects() };
  /** Only these objects; `null`: all of the part. */
  readonly #ids: ReadonlySet<string> | null;

  constructor(
    input: VerifyInput,
    parts: { scratch: ScratchSchema; files: ReloadFiles; ids: ReadonlySet<string> | null },
  ) {
    this.#do = input;
    this.#files = parts.files;
    this.#scratch = parts.scratch;
    this.#ids = parts.ids;
  }

  async report(): Promise<RoundReport> {
    const { onStep, part } = this.#do;
    await this.#scratch.create();
    onStep('listing the bucket');
    const listing = await this.#files.listBucket(part);
    const isPart = await this.#partOf();
    const { quarantined, ...named } = await this.#reload(listing, isPart);
    onStep('comparing the tables');
    const compared = await this.#compareTables();
    return {
      logFiles: listing.logs.filter(isPart).length,
      songFiles: listing.songs.filter(isPart).length,
      ...compared,
      ...named,
      ...this.#unreadFiles(quarantined),
    };
  }

  /** The objects that were settled while this comparison ran; `null`: too many to look at again. */
  async settledMeanwhile(): Promise<readonly string[] | null> {
    const steps = [this.#asked('verify/part/20_settled_meanwhile.sql', 'settled')];
    const { rowsOf } = await this.#scratch.run('settled-meanwhile', steps);
    const ids = rowsOf('settled').map(idOf);
    return ids.length > OBJECTS_MAX ? null : ids;
  }

  async #partOf(): Promise<(file: FileEvent) => boolean> {
    const ids = this.#ids;
    if (ids !== null) return (file) => ids.has(objectId(file));
    const { bucket, library, part } = this.#do;
    if (part.dayMs === null) return () => true;
    const values = { bucket: sqlForeignText(bucket.name), day: sqlTimestamp(part.dayMs) };
    const statements = library.fill(['look/58_objects_of_day.sql'], values);
    const { rowsOf } = await this.#scratch.run('day', [{ statements, answer: 'objects' }]);
    const ofDay = new Set(rowsOf('objects').map(idOf));
    return (file) => ofDay.has(objectId(file));
  }

  async #reload(listing: Listing, isPart: (file: FileEvent) => boolean): Promise<Named & { quarantined: Quarantined }> {
    const { library, logKeyNames, onStep } = this.#do;
    const logs = await this.#look('logs', listing.logs, { isPart, rows: rawEvents(logKeyNames) });
    const songs = await this.#look('songs', listing.songs, { isPart, rows: RAW_SONGS });
    onStep(`reloading the files into ${this.#scratch.name}`);
    const statements = [
      ...this.#copies('listed_objects', await this.#files.writeListing({ logs: logs.looked, songs: songs.looked })),
      ...this.#copies('raw_events', logs.manifestUri),
      ...this.#copies('raw_songs', songs.manifestUri),
      ...library.fill(library.list('verify/reload'), {}),
    ];
    const { rowsOf } = await this.#scratch.run('reload', [
      { statements },
      this.#asked('verify/named/10_quarantined.sql', 'quarantined'),
      { statements: this.#notCompared(), answer: 'not_compared' },
      this.#asked('verify/named/30_without_lineage.sql', 'without_lineage'),
    ]);
    const notCompared = rowsOf('not_compared');
    const [without] = rowsOf('without_lineage');
    return {
      quarantined: new Map(rowsOf('quarantined').map((row) => [idOf(row), String(row['reason'])])),
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

  async #look(
    dataset: Dataset,
    listed: readonly FileEvent[],
    { isPart, rows }: { isPart: (file: FileEvent) => boolean; rows: RawRows },
  ): Promise<{ looked: Looked; manifestUri: string | null }> {
    const files = listed.filter(isPart);
    const unread = this.#unread[dataset];
    const onRead = this.#do.onReading(dataset, files);
    const { manifestUri, read } = await this.#files.writeObjects(files, { rows, unread, onRead });
    // Of a part by ids, the bucket has other objects that nobody asked about.
    const others = this.#ids === null ? listed.filter((file) => !isPart(file)) : [];
    return { looked: { read, unread, others }, manifestUri };
  }

  /** A part by time does not tell which of the objects that are gone are its own. */
  #notCompared(): readonly string[] {
    const { library, part } = this.#do;
    const isByTime = !isWhole({ ...part, prefix: null });
    return library.fill(['verify/named/20_not_compared.sql'], {
      prefix: sqlForeignText(part.prefix ?? ''),
      gone_too: sqlInteger(isByTime ? 0 : 1),
    });
  }

  #copies(table: string, manifestUri: string | null): readonly string[] {
    return manifestUri === null ? [] : [this.#scratch.copy(table, manifestUri)];
  }

  async #compareTables(): Promise<Pick<RoundReport, 'tables' | 'differing'>> {
    const counts = new Map<string, Row | undefined>();
    for (let from = 0; from < COMPARED_TABLES.length; from += TABLES_AT_ONCE) {
      const tables = COMPARED_TABLES.slice(from, from + TABLES_AT_ONCE);
      const steps = tables.map((table) => ({ statements: this.#comparison(table), answer: table }));
      const { rowsOf } = await this.#scratch.run(`compare-${from + 1}`, steps);
      for (const table of tables) counts.set(table, rowsOf(table)[0]);
    }
    const different = COMPARED_TABLES.filter((table) => differingRows(counts.get(table)) > 0);
    const { rowsOf, objects } = await this.#differences(different);
    return {
      tables: COMPARED_TABLES.map((table) => tableReport(table, counts.get(table), rowsOf(table))),
      differing: objects,
    };
  }

  #comparison(table: string): readonly string[] {
    const files = [`verify/compare/${table}.sql`, 'verify/differences/20_counts.sql'];
    return this.#do.library.fill(files, namesOf(table));
  }

  /** The rows that differ, by table, and the objects that they name. */
  async #differences(
    tables: readonly string[],
  ): Promise<{ rowsOf: (table: string) => readonly Row[]; objects: ReadonlyMap<string, string> }> {
    if (tables.length === 0) return { rowsOf: () => [], objects: new Map() };
    const steps = tables.flatMap((table) => {
      const { different } = namesOf(table);
      return [
        this.#asked('verify/differences/30_rows.sql', `${table} rows`, { different }),
        this.#asked('verify/differences/40_objects.sql', `${table} objects`, { different }),
      ];
    });
    const { rowsOf } = await this.#scratch.run('differences', steps);
    const objects = tables.flatMap((table) => rowsOf(`${table} objects`));
    return {
      rowsOf: (table) => rowsOf(`${table} rows`),
      objects: new Map(objects.map((row) => [idOf(row), String(row['object_key'] ?? '')])),
    };
  }

  #asked<A extends string>(file: string, answer: A, values: SqlValues = {}): ScriptStep<A> {
    return { statements: this.#do.library.fill([file], values), answer };
  }

  /** Quarantined files with the ledger's reason, the others with the error of this run. */
  #unreadFiles(quarantined: Quarantined): Pick<VerifyReport, 'quarantined' | 'unread'> {
    const files = [...this.#unread.logs.files, ...this.#unread.songs.files]
      .filter(({ isGone }) => !isGone)
      .map(({ file, reason }) => ({ key: storableKey(file.key), reason, known: quarantined.get(objectId(file)) }));
    return {
      quarantined: files.flatMap(({ key, known }) => (known === undefined ? [] : [{ key, reason: known }])),
      unread: files.flatMap(({ key, known, reason }) => (known === undefined ? [{ key, reason }] : [])),
    };
  }
}

export function hasDifference({ doubleKeys, reloadOnly, starOnly }: TableReport): boolean {
  return starOnly + reloadOnly + doubleKeys > 0;
}

/** Each table is compared under names of its own, so that its rows can be asked for when they differ. */
function namesOf(table: string) {
  const named = (what: string) => sqlSchema(`compared_${table}_${what}`);
  return { star: named('star'), reload: named('reload'), different: named('different') };
}

function differingRows(counts: Row | undefined): number {
  return count(counts, 'star_only') + count(counts, 'reload_only');
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

function idOf(row: Row): string {
  return String(row['object_id']).trim();
}
