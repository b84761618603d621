import type { Lane } from '../dataset.ts';
import { LANES_BY_PRIORITY } from '../dataset.ts';

/** A batch, open or closed, that could be loaded next. */
export type Candidate = { readonly lane: Lane; readonly openedAtMs: number };

/**
 * The load order of a round: songs before logs (so that plays find their songs at once), then ignored files; within a lane the
 * oldest batch first. Later batches wait for the next round, so that no lane can starve another.
 */
export function inLoadOrder<C extends Candidate>(candidates: readonly C[]): readonly C[] {
  const place = ({ lane }: C): number => LANES_BY_PRIORITY.indexOf(lane);
  return candidates.toSorted((a, b) => place(a) - place(b) || a.openedAtMs - b.openedAtMs);
}
