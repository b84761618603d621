/**
 * How much the next batch of a backfill loads, so that live batches wait for the writers' lock for less than a second, or where the
 * warehouse takes longer for a few rows, for about three times as long. `bytes`: counted by `pacedBytes`. `leastMs`: how long the
 * quickest publish of late had the lock.
 */
export type PublishPace = { readonly bytes: number; readonly leastMs: number };

/** Small, because the quickest publish shows what a publish of a few rows takes. */
export const FIRST_PACE: PublishPace = { bytes: 1024 * 1024, leastMs: Number.POSITIVE_INFINITY };

/** A file adds an entry to the ledger, however small it is. */
const FILE_BYTES = 16 * 1024;
/** Publishes of equal size differ in their time, and few take more than three times as long as another one. */
const WANTED_MS = 300;
/** Where a publish of a few rows takes long, as on Redshift, small batches would only be slow. */
const WANTED_OVER_LEAST = 3;
/** The cost of a publish may grow. */
const FORGET_LEAST = 1.1;
const MOST_GROWTH = 2;
const MOST_SHRINKING = 4;
const LEAST_BYTES = 256 * 1024;

/** The bytes of files as far as the time of publishing depends on them. */
export function pacedBytes(files: readonly { readonly size: number }[]): number {
  return files.reduce((sum, { size }) => sum + size + FILE_BYTES, 0);
}

/** How many of the files (one or more), from the first one, fit the pace; at least one. */
export function filesAtPace(files: readonly { readonly size: number }[], { bytes }: PublishPace): number {
  let sum = 0;
  const over = files.findIndex((file) => (sum += pacedBytes([file])) > bytes);
  return over < 0 ? files.length : Math.max(1, over);
}

/**
 * The pace of the next batch.
 *
 * @param last `bytes`: of the last batch, counted by `pacedBytes`. `lockedMs`: how long its publish had the lock.
 */
export function paceAfter(pace: PublishPace, last: { readonly bytes: number; readonly lockedMs: number }): PublishPace {
  const { bytes, lockedMs } = last;
  const leastMs = Math.min(lockedMs, FORGET_LEAST * pace.leastMs);
  const wantedMs = Math.max(WANTED_MS, WANTED_OVER_LEAST * leastMs);
  const fitting = (bytes * wantedMs) / Math.max(1, lockedMs);
  if (lockedMs > wantedMs) {
    const next = Math.max(LEAST_BYTES, pace.bytes / MOST_SHRINKING, fitting);
    return { bytes: Math.min(pace.bytes, next), leastMs };
  }
  // A small batch that was quick does not say that a larger one is not.
  return { bytes: Math.max(pace.bytes, Math.min(MOST_GROWTH * pace.bytes, fitting)), leastMs };
}
