import type { Artist, LiveObject, Rival, Song, SongSource, TableName } from './tables.ts';

/** An object of a listing. */
export type ListedFile = {
  readonly fileNumber: number;
  readonly objectId: string;
  readonly etag: string;
  readonly eventMs: number;
};

/** A staged row: every column as the text that the part has for it; absent is NULL. */
export type StagedRow = Readonly<Record<string, string | null>>;

export type TypedEvent = Omit<Rival, 'batchId'> & {
  readonly isPlay: boolean;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly gender: string | null;
  readonly playHash: string;
  readonly userHash: string;
};

/** An object of the batch beside its live version: a row of `sparkify_objects`. */
export type BatchObject = Pick<LiveObject, 'objectId' | 'key' | 'etag' | 'status'> & {
  readonly fileNumber: number;
  readonly bucket: string;
  /** `null` of an object that is taken back. */
  readonly lastModifiedMs: number | null;
  readonly change: 'new' | 'same' | 'newer';
  readonly was: LiveObject | null;
};

/** What the exact plan chose for a play or a user: its first preference. */
export type Choice = {
  readonly startMs: number;
  readonly isUser: boolean;
  /** When the event was that a user lost with the version that is replaced or taken back. */
  readonly lostMs: number | null;
  readonly isThere: boolean;
  readonly isOut: boolean;
  readonly isNew: boolean;
};

export type Match = { readonly songId: string; readonly artistId: string };

/** The temporary tables that a load's steps hand to one another; those of songs as the model needs them. */
export type Temporary = {
  readonly sparkify_listed_files: readonly ListedFile[];
  readonly sparkify_retracted: ReadonlySet<string>;
  /** The counts of a retraction. */
  readonly sparkify_retraction: string;
  readonly staging: readonly StagedRow[];
  readonly staging_of: 'logs' | 'songs';
  readonly sparkify_objects: readonly BatchObject[];
  /** Rows that a table would have twice: the guard of the dataset has to end the transaction. */
  readonly doubles: readonly { readonly table: TableName; readonly key: string; readonly atMs: number | null }[];
  readonly users_there: readonly { readonly isOlder: boolean }[];
  readonly sparkify_plays: readonly TypedEvent[];
  readonly sparkify_users: readonly TypedEvent[];
  readonly choices: readonly Choice[];
  readonly sparkify_sources: readonly SongSource[];
  readonly affected: ReadonlySet<string>;
  readonly songs_before: readonly Song[];
  readonly sparkify_song_choice: readonly SongSource[];
  readonly song_changes: readonly { readonly isNew: boolean }[];
  readonly songs_gone: readonly string[];
  readonly sparkify_artist_choice: readonly { readonly artist: Artist; readonly isNew: boolean }[];
  readonly artists_gone: readonly string[];
  readonly sparkify_match_choice: ReadonlySet<string>;
  readonly sparkify_play_repairs: readonly string[];
};

export type TemporaryName = keyof Temporary;
