/**
 * How much the next batch of a backfill reads, so that live batches wait at most about a second for the writers' lock. `bytes`:
 * counted as `LoadCost.pacedBytes`. `leastMs`: how long the quickest publish had the lock.
 */
export type PublishPace = { readonly bytes: number; readonly leastMs: number };

/** Small, because the quickest publish shows what a publish of a few rows takes. */
export const FIRST_PACE: PublishPace = { bytes: 1024 * 1024, leastMs: Number.POSITIVE_INFINITY };

const LOCKED_MAX_MS = 1_000;
/** Where a publish of a few rows takes long, small batches would only be slow. */
const MAX_OVER_LEAST = 3;
/** Publishes of equal size differ in their time. */
const MARGIN = 0.4;
const MOST_CHANGE = 2;
const LEAST_BYTES = 256 * 1024;

/** The pace after a batch of `pacedBytes` whose publish had the lock for `lockedMs`. */
export function paceAfter(
  pace: PublishPace,
  { lockedMs, pacedBytes }: { readonly pacedBytes: number; readonly lockedMs: number },
): PublishPace {
  const leastMs = Math.min(pace.leastMs, lockedMs);
  const wantedMs = MARGIN * Math.max(LOCKED_MAX_MS, MAX_OVER_LEAST * leastMs);
  const change = Math.min(MOST_CHANGE, wantedMs / Math.max(1, lockedMs));
  const wanted = Math.max(LEAST_BYTES, pacedBytes * change);
  // A batch that was smaller than it might have been does not say that the others are too large.
  return { bytes: change < 1 ? Math.min(pace.bytes, wanted) : Math.max(pace.bytes, wanted), leastMs };
}
