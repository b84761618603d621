import type { Lane } from '../dataset.ts';
import type { ConsumerState, LoadPhase } from './consumer-state.ts';
import type { BatchId } from '../load.ts';
import type { RestReason } from '../rest.ts';

/** Why the intake is paused: `queue: <code>` or `load: <code>`, and since when. */
export type PauseReason = {
  readonly reason: string;
  readonly sinceMs: number;
  /** The latest error, and what to do. */
  readonly sentence: string;
};

/** What the consumer is doing now, for `/healthz`, `/readyz` and the status page. Times are epoch ms. */
export type ConsumerSnapshot = {
  readonly state: ConsumerState;
  /** Why the intake is paused, the oldest reason first; empty while the consumer receives. */
  readonly pauses: readonly PauseReason[];
  readonly heldMessages: number;
  readonly heldFiles: number;
  /** The same by lane; a file that several messages announce counts once. */
  readonly filesByLane: Readonly<Record<Lane, number>>;
  /** When the message that is held longest was received. */
  readonly oldestHeldAtMs: number | null;
  /** The oldest time of an event among the held files that are measured (`core/measures.ts`). */
  readonly oldestPutHeldAtMs: number | null;
  /** The last receive brought no message, and the intake is not paused. */
  readonly lastReceiveWasEmpty: boolean;
  /** Long polls under way. */
  readonly receivers: number;
  /** When the oldest of them was sent; `null` without one. */
  readonly receiveUnderWaySinceMs: number | null;
  readonly loadInFlight: {
    readonly batchId: BatchId;
    readonly lane: Lane;
    readonly files: number;
    readonly phase: LoadPhase;
    /** Attempts so far, the one under way included. */
    readonly attempt: number;
    readonly startedAtMs: number;
    /** When S3 or the warehouse last answered, or the start of the load. */
    readonly lastAnsweredAtMs: number;
  } | null;
  /** Closed batches that wait for their load. */
  readonly batchesWaiting: number;
  /** Why the next load is delayed although a batch is due, and for how long; `null` without a rest. */
  readonly rest: { readonly reason: RestReason; readonly remainingMs: number } | null;
  readonly lastCommitAtMs: number | null;
};
