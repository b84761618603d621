import type { Lane } from './dataset.ts';
import { LANES_BY_PRIORITY } from './dataset.ts';

/** A batch, open or closed, that could be loaded next. */
export type Candidate = { readonly lane: Lane; readonly openedAtMs: number };

/**
 * The order in which the batches of a round are loaded: songs before logs (plays then find their song at once), then what is
 * ignored; within a lane the oldest first. What comes later waits for the next round, so no lane can keep another one waiting.
 */
export function inLoadOrder<C extends Candidate>(candidates: readonly C[]): readonly C[] {
  const place = ({ lane }: C): number => LANES_BY_PRIORITY.indexOf(lane);
  return candidates.toSorted((a, b) => place(a) - place(b) || a.openedAtMs - b.openedAtMs);
}
