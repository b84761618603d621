import type { FileEvent } from './file-event.ts';
import type { LoadStage } from './load.ts';
import type { RestLimits } from './rest.ts';

/**
 * The one definition of *put → visible*, *behind*, *expected* and the time of a load, for the log, `status`, the metrics and every
 * other place that shows them. Times are epoch ms, durations ms.
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
  /** When the queue took the notification. */
  readonly sentAtMs: number;
  /** When the receive that brought the notification was answered. */
  readonly receivedAtMs: number;
  /** When the load of the file's batch began. */
  readonly loadStartedAtMs: number;
};

/**
 * When the object was put: the time of the event, which has milliseconds, if that lies between last-modified − 1 s and the receipt;
 * otherwise last-modified.
 */
export function putAtMs(arrival: Pick<Arrival, 'eventTimeMs' | 'lastModifiedMs' | 'receivedAtMs'>): number {
  const { eventTimeMs, lastModifiedMs, receivedAtMs } = arrival;
  const isPlausible = eventTimeMs >= lastModifiedMs - LAST_MODIFIED_STEP_MS && eventTimeMs <= receivedAtMs;
  return isPlausible ? eventTimeMs : lastModifiedMs;
}

/** Where the time of a live file goes: S3 announces it, it waits in the queue, it waits for its batch, its batch is loaded. */
export const FILE_STEPS = ['notify', 'queue', 'batch', 'load'] as const;
type FileStep = (typeof FILE_STEPS)[number];

/** A file that a notification announced, once its rows are visible. */
export type LiveFile = { readonly putToVisibleMs: number; readonly stepMs: Readonly<Record<FileStep, number>> };

/** From the put of an object to the commit of its rows, and its parts; none is negative, because the clocks are not one. */
export function liveFile(arrival: Arrival, committedAtMs: number): LiveFile {
  const { loadStartedAtMs, receivedAtMs, sentAtMs } = arrival;
  const putMs = putAtMs(arrival);
  const between = (fromMs: number, toMs: number): number => Math.max(0, toMs - fromMs);
  return {
    putToVisibleMs: between(putMs, committedAtMs),
    stepMs: {
      notify: between(putMs, sentAtMs),
      queue: between(sentAtMs, receivedAtMs),
      batch: between(receivedAtMs, loadStartedAtMs),
      load: between(loadStartedAtMs, committedAtMs),
    },
  };
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

/** How long a batch took to load: its stages until the commit, without the attempts that failed. */
export function loadMs(stageMs: Readonly<Record<LoadStage, number>>): number {
  return stageMs.read + stageMs.stage + stageMs.publish;
}

/** How long the settings let a file wait: linger, age, and the longest rest or interval. */
export function expectedMs(
  settings: RestLimits & { readonly lingerMs: number; readonly batchMaxAgeMs: number },
): number {
  const { batchMaxAgeMs, lingerMs, loadIntervalMs, loadRestMaxMs } = settings;
  return lingerMs + batchMaxAgeMs + Math.max(loadRestMaxMs, loadIntervalMs);
}

/** Above this, *behind* is a problem: twice what is expected and a minute, because an interval of 15 minutes is a choice. */
export function behindLimitMs(expected: number): number {
  return 2 * expected + 60_000;
}
