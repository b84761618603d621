import type { Artist, Play, Rows, Song, SongSource, User } from './tables.ts';

export type BatchFile = {
  readonly fileNumber: number;
  readonly fileId: string;
  readonly objectId: string;
  readonly key: string;
  readonly etag: string;
  readonly eventMs: number;
};

export type BatchOutcome = {
  readonly fileNumber: number;
  readonly status: string;
  readonly errorCode: string | null;
  readonly reason: string | null;
  readonly etag: string | null;
  readonly lastModifiedMs: number | null;
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

type BatchCounts = {
  readonly staged: number;
  readonly rejected: number;
  readonly inserted: number;
  readonly updated: number;
  readonly repaired: number;
};

export type Match = { readonly songId: string; readonly artistId: string };

/** The temporary tables that a load's steps hand to one another. */
export type Temporary = {
  readonly batch_files: readonly BatchFile[];
  readonly batch_known: readonly { readonly fileNumber: number; readonly status: string; readonly batchId: string }[];
  readonly batch_outcomes: readonly BatchOutcome[];
  readonly batch_rejects: readonly Rows['rejected_rows'][];
  readonly batch_counts: BatchCounts;
  readonly staging_events: readonly StagedRow[];
  readonly batch_plays: readonly TypedEvent[];
  readonly batch_users: readonly TypedEvent[];
  readonly play_changes: readonly { readonly play: TypedEvent; readonly isNew: boolean }[];
  readonly user_changes: readonly { readonly user: User; readonly isNew: boolean }[];
  readonly staging_songs: readonly StagedRow[];
  readonly batch_sources: readonly SongSource[];
  readonly batch_reach: { readonly firstDayMs: number; readonly lastDayMs: number } | null;
  readonly affected_songs: ReadonlySet<string>;
  readonly songs_before: readonly Song[];
  readonly song_winners: readonly SongSource[];
  readonly song_changes: readonly { readonly isNew: boolean }[];
  readonly songs_gone: readonly string[];
  readonly artist_changes: readonly { readonly artist: Artist; readonly isNew: boolean }[];
  readonly artists_gone: readonly string[];
  readonly play_repairs: readonly string[];
};

export type TemporaryName = keyof Temporary;
