/**
 * When the sweep of a consumer acts. A *step* of a sweep looks at a page of the listing or of the ledger. Times are epoch ms, durations
 * ms.
 */
export type SweepMoment = {
  readonly atMs: number;
  /** As in `ConsumerSnapshot`. */
  readonly consumer: { readonly state: string; readonly heldFiles: number };
  /** `null` before the first. */
  readonly lastStep: { readonly startedAtMs: number; readonly endedAtMs: number } | null;
};

/** How soon a sweep looks again whether the consumer has time. */
const LOOK_AGAIN_MS = 1_000;
/** A sweep keeps S3 and the warehouse busy for at most a tenth of the time … */
const REST_PER_STEP = 9;
/** … except after long steps, which have found files to load. */
const REST_MOST_MS = 60_000;

/**
 * How long the sweep waits before it looks whether its next step may begin; 0: the step begins now. It begins only while the consumer
 * receives and keeps up: while the files that wait for their load fill at most half a batch.
 */
export function sweepWaitMs({ atMs, consumer, lastStep }: SweepMoment, batchMaxFiles: number): number {
  if (consumer.state !== 'consuming' || 2 * consumer.heldFiles > batchMaxFiles) return LOOK_AGAIN_MS;
  if (lastStep === null || atMs < lastStep.endedAtMs) return 0;
  const { endedAtMs, startedAtMs } = lastStep;
  const restMs = Math.min(REST_MOST_MS, REST_PER_STEP * Math.max(0, endedAtMs - startedAtMs));
  return Math.max(0, endedAtMs + restMs - atMs);
}

const HOUR_MS = 3_600_000;
const RETRY_AFTER_MS: readonly number[] = [HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS];

/**
 * How long after its last attempt a quarantined file is read again: 1 h, 6 h, 24 h, then every 24 h.
 *
 * @param retries how often the sweep has read the file again.
 */
export function retryAfterMs(retries: number): number {
  return RETRY_AFTER_MS[Math.min(retries, RETRY_AFTER_MS.length - 1)] ?? HOUR_MS;
}

/** What a sweep asks the ledger. Neither changes a row. Both throw IngestError as the warehouse gives it. */
export type SweepLedger = {
  /** The objects of the bucket that another read may load, the one first that was not tried for the longest time; at most some thousands. */
  readonly quarantined: (signal: AbortSignal) => Promise<readonly QuarantinedObject[]>;
  /**
   * A page of the objects that have rows in the star; empty at the end.
   *
   * @param after the last id of the page before; `''` for the first page.
   */
  readonly liveObjects: (after: string, signal: AbortSignal) => Promise<readonly LiveObject[]>;
};

/** An object that is quarantined for another reason than its content. `triedAtMs`: when it was read last. */
export type QuarantinedObject = { readonly key: string; readonly triedAtMs: number };

export type LiveObject = { readonly objectId: string; readonly bucket: string; readonly key: string };
