import type { FileEvent } from './file-event.ts';

/**
 * The one definition of *put → visible* and *behind*, for the log, `status` and every other place that shows them. Times are epoch
 * ms, durations ms.
 */

/**
 * Whether waiting is measured for a file: only if S3 announced it. A notification of S3 has a sequencer (Amazon S3 User Guide, "Event
 * message structure"), a listing has none. What a listing brings, with a backfill, a sweep or `backfill --enqueue`, may have been put
 * years ago, and nobody has waited since: such a file counts neither as *put → visible* nor as *behind*.
 */
export function isMeasured({ sequencer }: Pick<FileEvent, 'sequencer'>): boolean {
  return sequencer !== null;
}

/** The clock of S3 gives last-modified in whole seconds. */
const LAST_MODIFIED_STEP_MS = 1000;

/** What is known of one arrived file. */
export type Arrival = {
  /** From the notification. */
  readonly eventTimeMs: number;
  /** From S3's answer with the object. */
  readonly lastModifiedMs: number;
  /** When the notification was received. */
  readonly receivedAtMs: number;
};

/**
 * When the object was put: the time of the event, which has milliseconds, if that lies between last-modified − 1 s and the receipt;
 * otherwise last-modified.
 */
export function putAtMs({ eventTimeMs, lastModifiedMs, receivedAtMs }: Arrival): number {
  const isPlausible = eventTimeMs >= lastModifiedMs - LAST_MODIFIED_STEP_MS && eventTimeMs <= receivedAtMs;
  return isPlausible ? eventTimeMs : lastModifiedMs;
}

/** From the put of an object to the commit of its rows; never negative. Only for files that are measured. */
export function putToVisibleMs(arrival: Arrival, committedAtMs: number): number {
  return Math.max(0, committedAtMs - putAtMs(arrival));
}

/**
 * How far a consumer is behind: now − the oldest measured put that it holds. 0 only if it holds none and its last receive was empty;
 * `null` when it cannot be known.
 */
export function behindMs(now: {
  readonly atMs: number;
  /** By the notification, because a held file has not been read. */
  readonly oldestPutHeldAtMs: number | null;
  readonly lastReceiveWasEmpty: boolean;
}): number | null {
  if (now.oldestPutHeldAtMs !== null) return Math.max(0, now.atMs - now.oldestPutHeldAtMs);
  return now.lastReceiveWasEmpty ? 0 : null;
}

/** How far the service is behind. `isAtLeast`: the queue has more messages, whose puts may be older. */
export type ServiceBehind = { readonly ms: number; readonly isAtLeast: boolean };

/**
 * The greatest *behind* of the live consumers.
 *
 * @param consumers of each live consumer; `null` where unknown.
 * @param queueMessages messages that could be received now; `null` when the queue did not answer.
 * @returns `null` without a live consumer that knows.
 */
export function serviceBehind(
  consumers: readonly (number | null)[],
  queueMessages: number | null,
): ServiceBehind | null {
  const known = consumers.filter((ms) => ms !== null);
  if (known.length === 0) return null;
  return { ms: Math.max(...known), isAtLeast: queueMessages !== 0 || known.length < consumers.length };
}

/** How long a file may take at most from its notification to its load: linger, age, and the longest rest or interval. */
export function expectedMs(limits: {
  readonly lingerMs: number;
  readonly batchMaxAgeMs: number;
  readonly loadIntervalMs: number;
  readonly loadRestMaxMs: number;
}): number {
  return limits.lingerMs + limits.batchMaxAgeMs + Math.max(limits.loadRestMaxMs, limits.loadIntervalMs);
}
