import type { Dataset } from './dataset.ts';

/**
 * How files differ from the description of their dataset, without an effect on their rows. `unknown`: objects with a key that the
 * dataset does not have; `vanished`: files in which no object has a key that the model reads; `retyped`: objects in which the value of
 * a key has another JSON type than usual.
 */
export type DriftKind = 'unknown' | 'vanished' | 'retyped';

export type Drift = {
  readonly dataset: Dataset;
  readonly change: DriftKind;
  readonly key: string;
  /** Objects; of `vanished` files. */
  readonly count: number;
  readonly example: { readonly bucket: string; readonly key: string; readonly lineNumber: number };
};

/** Keys are foreign text, so a producer could send any number of them. */
const MAX_DRIFTS = 100;

function identityOf({ change, dataset, key }: Drift): string {
  return JSON.stringify([dataset, change, key]);
}

/** Adds counts; the first example of a key stays. */
export function sumOfDrifts(some: readonly Drift[], others: readonly Drift[]): readonly Drift[] {
  if (others.length === 0) return some;
  const sums = new Map(some.map((drift) => [identityOf(drift), drift]));
  for (const drift of others) {
    const before = sums.get(identityOf(drift));
    if (before !== undefined) sums.set(identityOf(drift), { ...before, count: before.count + drift.count });
    else if (sums.size < MAX_DRIFTS) sums.set(identityOf(drift), drift);
  }
  return [...sums.values()];
}
