/**
 * How loads rest. The cost of a load in the warehouse hardly depends on its size, so a consumer that always has files to load
 * would keep the warehouse busy all day.
 */
export type RestLimits = {
  /** Minimum time between the starts of two rounds. */
  readonly loadIntervalMs: number;
  /** Rest after a round, as a multiple of the running time of its statements, times the number of live consumers. */
  readonly loadRest: number;
  /** Maximum rest after a round. `loadIntervalMs` may be longer. */
  readonly loadRestMaxMs: number;
};

/** For a consumer that runs until the queue is empty. */
export const NO_REST: RestLimits = { loadIntervalMs: 0, loadRest: 0, loadRestMaxMs: 0 };

/** A round that has ended. Times are epoch ms. */
export type EndedRound = {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Total running time of its statements in the warehouse. */
  readonly warehouseMs: number;
  /** Consumers that share the warehouse, this one included: at least 1. */
  readonly liveConsumers: number;
};

/** `load`: the rest follows from the running time of the last round. `interval`: from the minimum time between rounds. */
export type RestReason = 'load' | 'interval';

/** No round begins before the rest ends, unless a batch is full. Times are epoch ms. */
export type Rest = { readonly reason: RestReason; readonly fromMs: number; readonly untilMs: number };

/** The rest after a round; `null` when the next round may begin at once. */
export function restAfter(round: EndedRound, limits: RestLimits): Rest | null {
  const { endedAtMs: fromMs, liveConsumers, startedAtMs, warehouseMs } = round;
  // A clock that was set back during the round does not make the rest longer.
  const intervalEndsMs = Math.min(startedAtMs, fromMs) + limits.loadIntervalMs;
  const ofLoadMs = Math.min(Math.ceil(warehouseMs * limits.loadRest * liveConsumers), limits.loadRestMaxMs);
  const untilMs = Math.max(intervalEndsMs, fromMs + ofLoadMs);
  if (untilMs <= fromMs) return null;
  return { reason: untilMs === intervalEndsMs ? 'interval' : 'load', fromMs, untilMs };
}

/**
 * The remaining rest, in ms. A full batch (by files or bytes) ends the rest, and so does a clock that was set back to before its
 * begin; the age of a batch does not.
 */
export function restLeftMs(rest: Rest | null, now: { readonly atMs: number; readonly isFull: boolean }): number {
  if (rest === null || now.isFull || now.atMs < rest.fromMs) return 0;
  return Math.max(0, rest.untilMs - now.atMs);
}

/** How long the rest delayed a round that was due at `dueAtMs` and began at `startedAtMs`, in ms. */
export function restedMs(rest: Rest | null, round: { readonly dueAtMs: number; readonly startedAtMs: number }): number {
  if (rest === null) return 0;
  return Math.max(0, Math.min(round.startedAtMs, rest.untilMs) - Math.max(round.dueAtMs, rest.fromMs));
}
