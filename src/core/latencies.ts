/**
 * Counts of durations by range, so that the durations of several consumers and hours can be added up. The key of a range is the power
 * of `STEP` at its upper end: a percentile is at most 5 % too large.
 */
export type Latencies = Readonly<Record<string, number>>;

const STEP = 1.05;

/** Adds durations, in ms. */
export function withLatencies(latencies: Latencies, addedMs: readonly number[]): Latencies {
  const sums: Record<string, number> = { ...latencies };
  for (const ms of addedMs) {
    const range = Math.ceil(Math.log(Math.max(1, ms)) / Math.log(STEP));
    sums[range] = (sums[range] ?? 0) + 1;
  }
  return sums;
}

export function sumOfLatencies(some: readonly Latencies[]): Latencies {
  const sums: Record<string, number> = {};
  for (const latencies of some) {
    for (const [range, count] of Object.entries(latencies)) sums[range] = (sums[range] ?? 0) + count;
  }
  return sums;
}

function countOfLatencies(latencies: Latencies): number {
  return Object.values(latencies).reduce((sum, count) => sum + count, 0);
}

/** Of the files of a time; `null` without a file. */
export type FileLatencies = { readonly files: number; readonly p50Ms: number | null; readonly p95Ms: number | null };

export function fileLatencies(latencies: Latencies): FileLatencies {
  const files = countOfLatencies(latencies);
  return { files, p50Ms: percentileMs(latencies, 0.5), p95Ms: percentileMs(latencies, 0.95) };
}

/** @param share 0.5 for the median. @returns ms; `null` without a duration. */
export function percentileMs(latencies: Latencies, share: number): number | null {
  const ranges = Object.entries(latencies)
    .map(([range, count]) => ({ range: Number(range), count }))
    .sort((one, other) => one.range - other.range);
  const wanted = countOfLatencies(latencies) * share;
  let seen = 0;
  for (const { count, range } of ranges) {
    seen += count;
    if (seen >= wanted) return Math.round(STEP ** range);
  }
  return null;
}
