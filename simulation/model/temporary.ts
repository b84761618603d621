import type { Artist, Play, Song, SongSource } from './tables.ts';

/** An object of a listing. */
export type ListedFile = {
  readonly fileNumber: number;
  readonly objectId: string;
  readonly etag: string;
  readonly eventMs: number;
};

/** A staged row: every column as the text that the part has for it; absent is NULL. */
export type StagedRow = Readonly<Record<string, string | null>>;

export type TypedEvent = Omit<Play, 'songId' | 'artistId'> & {
  readonly isPlay: boolean;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly gender: string | null;
  readonly playHash: string;
  readonly userHash: string;
};

export type Match = { readonly songId: string; readonly artistId: string };

/** The temporary tables that a load's steps hand to one another; those of songs as the model needs them. */
export type Temporary = {
  readonly listed_files: readonly ListedFile[];
  readonly staging: readonly StagedRow[];
  readonly staging_of: 'logs' | 'songs';
  readonly rows_there: readonly { readonly key: string; readonly isOlder: boolean }[];
  readonly batch_plays: readonly TypedEvent[];
  readonly batch_users: readonly TypedEvent[];
  readonly batch_sources: readonly SongSource[];
  readonly affected: ReadonlySet<string>;
  readonly songs_before: readonly Song[];
  readonly song_choice: readonly SongSource[];
  readonly song_changes: readonly { readonly isNew: boolean }[];
  readonly songs_gone: readonly string[];
  readonly artist_choice: readonly { readonly artist: Artist; readonly isNew: boolean }[];
  readonly artists_gone: readonly string[];
  readonly match_choice: ReadonlySet<string>;
  readonly play_repairs: readonly string[];
};

export type TemporaryName = keyof Temporary;
