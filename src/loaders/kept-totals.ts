const HOUR_MS = 3_600_000;
/** A process that has kept the totals within the last hours need not read older batches. */
const READ_MS = 48 * HOUR_MS;

/** When a publish brings the totals of the ledger up to date: the first one of a process, and then one every hour. */
export type KeptTotals = {
  /** @returns the time since which batches may be missing in the totals, epoch ms; `null`: this is not due. */
  readonly dueSinceMs: (nowMs: number) => number | null;
  /** A publish is committed that was asked for at this time. */
  readonly onPublished: (nowMs: number) => void;
};

export function createKeptTotals(): KeptTotals {
  let keptAtMs: number | null = null;
  const dueSinceMs = (nowMs: number): number | null => {
    if (keptAtMs === null) return 0;
    return Math.abs(nowMs - keptAtMs) >= HOUR_MS ? keptAtMs - READ_MS : null;
  };
  return {
    dueSinceMs,
    onPublished: (nowMs) => {
      if (dueSinceMs(nowMs) !== null) keptAtMs = nowMs;
    },
  };
}
