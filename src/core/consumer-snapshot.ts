import type { Lane } from './dataset.ts';
import type { BatchState, ConsumerState } from './lifecycle.ts';
import type { BatchId } from './load.ts';
import type { RestReason } from './rest.ts';

/** Why it does not receive: `queue: <code>` or `load: <code>`, and since when. */
export type PauseReason = {
  readonly reason: string;
  readonly sinceMs: number;
  /** What was seen last, and what to do. */
  readonly sentence: string;
};

/** What the consumer is doing now, for `/healthz`, `/readyz` and the status page. Times are epoch ms. */
export type ConsumerSnapshot = {
  readonly state: ConsumerState;
  /** Why it does not receive, the oldest reason first; empty while it does. */
  readonly pauses: readonly PauseReason[];
  readonly heldMessages: number;
  readonly heldFiles: number;
  /** When the message that is held longest was received. */
  readonly oldestHeldAtMs: number | null;
  /** Long polls under way. */
  readonly receivers: number;
  /** When the oldest of them was asked for; `null` while there is none. */
  readonly receiveUnderWaySinceMs: number | null;
  readonly loadInFlight: {
    readonly batchId: BatchId;
    readonly lane: Lane;
    readonly files: number;
    readonly state: BatchState;
    /** Attempts so far, the one under way included. */
    readonly attempt: number;
    readonly startedAtMs: number;
    /** When something came last from S3 or the warehouse, or else the start. */
    readonly lastAnsweredAtMs: number;
  } | null;
  /** Closed batches that wait for their load. */
  readonly batchesWaiting: number;
  /** Why no load begins although nothing else is in its way, and for how long; `null` when one may. */
  readonly rest: { readonly reason: RestReason; readonly remainingMs: number } | null;
  readonly lastCommitAtMs: number | null;
};
