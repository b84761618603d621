export type Spread = {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
  readonly mean: number;
};

/** Nearest-rank quantiles of measurements, so that every number printed is one that was measured. */
export function spread(values: readonly number[]): Spread {
  const at = ranked(values);
  const sum = values.reduce((total, value) => total + value, 0);
  return { count: values.length, p50: at(0.5), p95: at(0.95), max: at(1), mean: sum / values.length };
}

export type Quartiles = { readonly p25: number; readonly p50: number; readonly p75: number };

/** Nearest-rank median and quartiles: what is usual, and how sure of it one can be. */
export function quartiles(values: readonly number[]): Quartiles {
  const at = ranked(values);
  return { p25: at(0.25), p50: at(0.5), p75: at(0.75) };
}

function ranked(values: readonly number[]): (share: number) => number {
  const sorted = values.toSorted((a, b) => a - b);
  return (share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
