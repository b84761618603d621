import type { Lane } from './dataset.ts';
import { LANES_BY_PRIORITY } from './dataset.ts';

/** A batch, open or closed, that could be loaded next. */
export type Candidate = { readonly lane: Lane; readonly openedAtMs: number };

/**
 * Whose turn it is when a load can begin: songs before logs (plays then find their song at once), and within a lane the
 * oldest. A batch that has been passed over until it is `passedOverMaxMs` old goes first: a long backfill of songs must not
 * keep the logs of the day waiting without a bound.
 *
 * @returns one of the candidates, `null` when there are none.
 */
export function nextToLoad<C extends Candidate>(
  candidates: readonly C[],
  now: { atMs: number; passedOverMaxMs: number },
): C | null {
  const oldestFirst = candidates.toSorted((a, b) => a.openedAtMs - b.openedAtMs);
  const oldest = oldestFirst[0];
  if (oldest === undefined) return null;
  if (now.atMs - oldest.openedAtMs >= now.passedOverMaxMs) return oldest;
  for (const lane of LANES_BY_PRIORITY) {
    const first = oldestFirst.find((candidate) => candidate.lane === lane);
    if (first !== undefined) return first;
  }
  return oldest;
}
