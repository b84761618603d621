import type { Lane } from './dataset.ts';
import type { Decision } from './decision.ts';
import type { FileEvent, FileStatus } from './file-event.ts';

/** Why a batch closed; also in the log, the metric and `ingest_batches.close_reason`. */
export type CloseReason = 'idle' | 'count' | 'bytes' | 'age' | 'drain';

/** The origin of a load: notifications, a listing, or a decision of a person. */
export type LoadSource = 'live' | 'backfill' | 'operator';

/** Unique per batch and never used again; 8–60 characters of `[0-9a-zA-Z-]`. Also the Data API client token's root. */
export type BatchId = string & { readonly __brand: 'BatchId' };

export function isBatchId(text: string): text is BatchId {
  return /^[0-9a-zA-Z-]{8,60}$/.test(text);
}

/** A closed batch: what one load commits in one transaction. */
export type Batch = {
  readonly id: BatchId;
  readonly lane: Lane;
  readonly source: LoadSource;
  readonly closeReason: CloseReason;
  /** Distinct file events. Two versions of one key may both be in it. */
  readonly files: readonly FileEvent[];
  /** Sum of the files' sizes. */
  readonly bytes: number;
  readonly openedAtMs: number;
  readonly closedAtMs: number;
  /** How long the rest after the previous loads delayed it. */
  readonly restedMs: number;
  /** Of a batch of source `operator`. */
  readonly decision?: Decision | undefined;
};

/** Rows a load counted. All are counts of rows in the star or in `rejected_rows`, not of files. */
export type LoadCounts = {
  readonly staged: number;
  readonly rejected: number;
  readonly inserted: number;
  readonly updated: number;
  /** Plays whose song was resolved again because a song came, changed or went. */
  readonly repaired: number;
  /** Plays, users, songs and artists that no longer are in any object. */
  readonly removed: number;
};

export type LoadStage = 'read' | 'stage' | 'publish';

/** What a load does after a stage; `null`: it is committed. */
export const NEXT_STAGE: Readonly<Record<LoadStage, LoadStage | null>> = {
  read: 'stage',
  stage: 'publish',
  publish: null,
};

/** A committed load; returned only after COMMIT is confirmed. */
export type LoadOutcome = {
  readonly batchId: BatchId;
  /** One entry per settled file of the batch, in the batch's order. */
  readonly files: readonly SettledFile[];
  /** The other files: deletions that have to be looked at again, because S3 did not say whether the object exists. */
  readonly released: readonly ReleasedFile[];
  readonly counts: LoadCounts;
  readonly stageMs: Readonly<Record<LoadStage, number>>;
  /** Data API calls of the process while the load ran (Execute, Describe, GetStatementResult). */
  readonly roundTrips: number;
  /** Running time of the committed attempt's statements in the warehouse, without the wait for the lock. */
  readonly warehouseMs: number;
  /** The longest time with the writers' lock in one transaction; 0 if nothing was published. */
  readonly lockedMs: number;
  /** Consumers with a live batch in the last ten minutes, from the ledger; 1 if the ledger was not read. */
  readonly liveConsumers: number;
  readonly committedAtMs: number;
};

export type SettledFile = {
  readonly file: FileEvent;
  readonly status: FileStatus;
  /** Why, when `status` is not `loaded` or `known`. */
  readonly reason: string | null;
  /** Of the version that was read; `null` when none was. Epoch ms. */
  readonly lastModifiedMs: number | null;
};

export type ReleasedFile = { readonly file: FileEvent; readonly reason: string };

/**
 * Loads a batch: read, stage, publish. Resolves only after COMMIT. Can be called again with the same batch after any error.
 *
 * @param reading aborted: give up the batch if its files are still being read; what is in the warehouse is finished.
 * @throws IngestError with a code that `core/verdict.ts` maps to retry, wait or stop; nothing was committed,
 *   or what was committed will be found by the next call.
 */
export type LoadBatch = (batch: Batch, signal: AbortSignal, reading?: AbortSignal) => Promise<LoadOutcome>;

/** What the ledger says of the files of a batch. The others are settled. `retracted`: by a person, so that they are left alone. */
export type Lacking = { readonly lacking: readonly FileEvent[]; readonly retracted: readonly FileEvent[] };

/** Looks the files of a batch up in the ledger and loads nothing. @throws IngestError as a load does. */
export type FindLacking = (batch: Batch, signal: AbortSignal) => Promise<Lacking>;
