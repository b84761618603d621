/** Rows of the model. Values are immutable: a change replaces the row. Times are epoch ms, lengths 1/100000 s. */
export type Play = {
  readonly id: string;
  readonly startMs: number;
  /** The digits of a BIGINT, as the session. */
  readonly userId: string;
  readonly level: string | null;
  readonly songId: string | null;
  readonly artistId: string | null;
  readonly sessionId: string;
  readonly location: string | null;
  readonly userAgent: string | null;
  readonly item: number;
  readonly title: string | null;
  readonly artistName: string | null;
  readonly length: number | null;
  readonly matchKey: string | null;
  /** `null`, as the line: a program from before the lineage loaded the row. */
  readonly objectId: string | null;
  readonly line: number | null;
  /** Which batch wrote the row. */
  readonly batchId: string;
};

/** A row of `play_rivals`. */
export type Rival = Omit<Play, 'songId' | 'artistId' | 'objectId' | 'line'> & {
  readonly objectId: string;
  readonly line: number;
};

export type User = {
  readonly userId: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly gender: string | null;
  readonly level: string | null;
  readonly lastMs: number;
  readonly lastSession: string;
  readonly lastItem: number;
  readonly objectId: string | null;
  readonly line: number | null;
};

export type Song = {
  readonly songId: string;
  readonly title: string | null;
  readonly artistId: string;
  readonly year: number | null;
  readonly duration: number | null;
  readonly matchKey: string | null;
  readonly lastModifiedMs: number;
  readonly sourceId: string;
  readonly sourceRow: number;
  readonly line: number;
};

export type Artist = {
  readonly artistId: string;
  readonly name: string | null;
  readonly location: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly sourceId: string;
  readonly line: number;
};

export type Time = {
  readonly startMs: number;
  readonly hour: number;
  readonly day: number;
  readonly week: number;
  readonly month: number;
  readonly year: number;
  readonly weekday: number;
};

/** A row of `song_sources`. */
export type SongSource = {
  readonly sourceId: string;
  readonly row: number;
  readonly line: number;
  readonly key: string;
  readonly etag: string;
  readonly lastModifiedMs: number;
  readonly songId: string;
  readonly title: string | null;
  readonly artistId: string;
  readonly artistName: string | null;
  readonly location: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly year: number | null;
  readonly duration: number | null;
  readonly matchKey: string | null;
};

/** Days, as epoch ms of their beginnings, between which titles of a key prefix were heard. */
export type PlayKey = { readonly prefix: string; readonly firstDayMs: number; readonly lastDayMs: number };

export type LedgerFile = {
  readonly fileId: string;
  readonly objectId: string;
  readonly key: string;
  readonly etag: string;
  readonly eventMs: number;
  readonly lastModifiedMs: number | null;
  readonly dataset: string;
  readonly status: string;
  readonly errorCode: string | null;
  readonly reason: string | null;
  readonly batchId: string;
  readonly attempts: number;
};

export type LedgerBatch = {
  readonly batchId: string;
  readonly publishedMs: number;
  readonly source: string;
  readonly consumer: string;
  readonly restedMs: number;
  readonly staged: number;
  readonly rejected: number;
  readonly inserted: number;
  readonly updated: number;
  readonly repaired: number;
  readonly removed: number;
  readonly dataset: string;
  readonly objectsRemoved: number;
  readonly objectsAdded: number;
};

/** A row of `ingest_objects`: the version of an object that is live, or what was taken back. */
export type LiveObject = {
  readonly objectId: string;
  readonly dataset: string;
  readonly key: string;
  readonly etag: string;
  readonly lastModifiedMs: number;
  readonly status: string;
  readonly rowsKept: number;
  /** `null` of a song object. */
  readonly rowsSum: bigint | null;
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  readonly batchId: string;
};

/** A row that was not loaded. `objectId` is the model's own: the warehouse has bucket and key. */
type RejectedRow = {
  readonly id: string;
  readonly objectId: string;
  readonly key: string;
  readonly line: number;
  readonly column: string;
  readonly text: string;
  readonly fileId: string;
};

/** A row of `ingest_open`: an object whose last look found something. */
type OpenObject = {
  readonly objectId: string;
  readonly dataset: string;
  readonly key: string;
  readonly status: string;
  readonly errorCode: string | null;
  readonly rejected: number;
  readonly batchId: string;
};

/** The rows by table; a table that has no unique key in the warehouse has one here all the same. */
type Rows = {
  readonly songplays: Play;
  readonly users: User;
  readonly songs: Song;
  readonly artists: Artist;
  readonly time: Time;
  readonly song_sources: SongSource;
  readonly play_keys: PlayKey;
  readonly ingest_files: LedgerFile;
  readonly ingest_batches: LedgerBatch;
  readonly rejected_rows: RejectedRow;
  readonly ingest_objects: LiveObject;
  readonly ingest_open: OpenObject;
  readonly play_rivals: Rival;
  /** A user's newest event in an object: a row of users under the name of that object. */
  readonly user_sources: User;
};

export type TableName = keyof Rows;

/** What analysts read. */
export const STAR_TABLES = ['songplays', 'users', 'songs', 'artists', 'time'] as const;

export const TABLE_NAMES: readonly TableName[] = [
  ...STAR_TABLES,
  'song_sources',
  'play_keys',
  'ingest_files',
  'ingest_batches',
  'rejected_rows',
  'ingest_objects',
  'ingest_open',
  'play_rivals',
  'user_sources',
];

type Change<V> = { readonly kind: 'insert' | 'update'; readonly row: V } | { readonly kind: 'delete' };

/** A table as a transaction sees it: what is committed, and its own changes on top. */
class DraftTable<V> {
  readonly name: TableName;
  readonly #committed: Map<string, V>;
  readonly #changes = new Map<string, Change<V>>();

  constructor(name: TableName, committed: Map<string, V>) {
    this.name = name;
    this.#committed = committed;
  }

  get isChanged(): boolean {
    return this.#changes.size > 0;
  }

  get(key: string): V | undefined {
    const change = this.#changes.get(key);
    if (change === undefined) return this.#committed.get(key);
    return change.kind === 'delete' ? undefined : change.row;
  }

  *rows(): Iterable<V> {
    for (const [key, row] of this.#committed) if (!this.#changes.has(key)) yield row;
    for (const change of this.#changes.values()) if (change.kind !== 'delete') yield change.row;
  }

  entries(): readonly (readonly [key: string, row: V])[] {
    const committed = [...this.#committed].filter(([key]) => !this.#changes.has(key));
    const changed = [...this.#changes].flatMap(([key, change]) =>
      change.kind === 'delete' ? [] : [[key, change.row] as const],
    );
    return [...committed, ...changed];
  }

  insert(key: string, row: V): void {
    if (this.get(key) !== undefined) throw new DoubleRow(this.name, key);
    this.#changes.set(key, { kind: this.#changes.has(key) ? 'update' : 'insert', row });
  }

  update(key: string, row: V): void {
    this.#changes.set(key, { kind: this.#changes.get(key)?.kind === 'insert' ? 'insert' : 'update', row });
  }

  delete(key: string): void {
    this.#changes.set(key, { kind: 'delete' });
  }

  /** @returns keys of rows that somebody else inserted meanwhile: the table now has them twice. */
  commit(): readonly string[] {
    const twice: string[] = [];
    for (const [key, change] of this.#changes) {
      if (change.kind === 'delete') this.#committed.delete(key);
      else {
        if (change.kind === 'insert' && this.#committed.has(key)) twice.push(key);
        this.#committed.set(key, change.row);
      }
    }
    return twice;
  }
}

/** A statement would write a second row of a key. The warehouse would do it: it does not enforce keys. */
export class DoubleRow extends Error {
  override readonly name = 'DoubleRow';
  constructor(table: string, key: string) {
    super(`${table} would hold ${key} twice`);
  }
}

export type Drafts = { readonly [T in TableName]: DraftTable<Rows[T]> };
export type Tables = { readonly [T in TableName]: Map<string, Rows[T]> };

/** Makes the logs' rows what a migration leaves of those that a program from before the lineage loaded (`schema/010`). */
export function forgetLineage(tables: Tables): void {
  const none = { objectId: null, line: null };
  for (const [id, play] of tables.songplays) tables.songplays.set(id, { ...play, ...none });
  for (const [id, user] of tables.users) tables.users.set(id, { ...user, ...none });
  tables.play_rivals.clear();
  tables.user_sources.clear();
  for (const user of tables.users.values()) tables.user_sources.set(`${user.userId} null`, user);
  for (const [id, { dataset }] of tables.ingest_objects) if (dataset === 'logs') tables.ingest_objects.delete(id);
}

export function emptyTables(): Tables {
  return {
    songplays: new Map(),
    users: new Map(),
    songs: new Map(),
    artists: new Map(),
    time: new Map(),
    song_sources: new Map(),
    play_keys: new Map(),
    ingest_files: new Map(),
    ingest_batches: new Map(),
    rejected_rows: new Map(),
    ingest_objects: new Map(),
    ingest_open: new Map(),
    play_rivals: new Map(),
    user_sources: new Map(),
  };
}

export function drafts(tables: Tables): Drafts {
  return {
    songplays: new DraftTable('songplays', tables.songplays),
    users: new DraftTable('users', tables.users),
    songs: new DraftTable('songs', tables.songs),
    artists: new DraftTable('artists', tables.artists),
    time: new DraftTable('time', tables.time),
    song_sources: new DraftTable('song_sources', tables.song_sources),
    play_keys: new DraftTable('play_keys', tables.play_keys),
    ingest_files: new DraftTable('ingest_files', tables.ingest_files),
    ingest_batches: new DraftTable('ingest_batches', tables.ingest_batches),
    rejected_rows: new DraftTable('rejected_rows', tables.rejected_rows),
    ingest_objects: new DraftTable('ingest_objects', tables.ingest_objects),
    ingest_open: new DraftTable('ingest_open', tables.ingest_open),
    play_rivals: new DraftTable('play_rivals', tables.play_rivals),
    user_sources: new DraftTable('user_sources', tables.user_sources),
  };
}
