/**
 * How loads rest. A load has a price in the warehouse that hardly depends on its size, so a consumer that always has
 * something to load would keep the warehouse at work all day.
 */
export type RestLimits = {
  /** From the start of a round to the start of the next one, at least. */
  readonly loadIntervalMs: number;
  /** How long a round is followed by rest, as a multiple of the time for which its statements ran, by live consumer. */
  readonly loadRest: number;
  /** The longest rest after a round. The interval may be longer. */
  readonly loadRestMaxMs: number;
};

/** Of whoever waits for the end: a consumer that runs until the queue is empty. */
export const NO_REST: RestLimits = { loadIntervalMs: 0, loadRest: 0, loadRestMaxMs: 0 };

/** The loads of all lanes that had something when the first of them began. Times are epoch ms. */
export type EndedRound = {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** For which its statements ran in the warehouse, in all. */
  readonly warehouseMs: number;
  /** Consumers that share the warehouse, this one included: at least 1. */
  readonly liveConsumers: number;
};

/** `load`: as long as the loads of the last round took. `interval`: since the last round began. */
export type RestReason = 'load' | 'interval';

/** No round begins before it is over, unless a batch is full. Times are epoch ms. */
export type Rest = { readonly reason: RestReason; readonly fromMs: number; readonly untilMs: number };

/** The rest that follows a round; `null` when the next one may begin at once. */
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
 * What is left of a rest, in ms. A batch that is full (by files or bytes) ends it, and so does a clock that was set back
 * behind its beginning; age does not.
 */
export function restLeftMs(rest: Rest | null, now: { readonly atMs: number; readonly isFull: boolean }): number {
  if (rest === null || now.isFull || now.atMs < rest.fromMs) return 0;
  return Math.max(0, rest.untilMs - now.atMs);
}

/** How long a round that began at `startedAtMs`, and could have begun at `dueAtMs`, was held back by the rest, in ms. */
export function restedMs(rest: Rest | null, round: { readonly dueAtMs: number; readonly startedAtMs: number }): number {
  if (rest === null) return 0;
  return Math.max(0, Math.min(round.startedAtMs, rest.untilMs) - Math.max(round.dueAtMs, rest.fromMs));
}
