import type { History, Operation } from './history.ts';

/** A history that fails, and how. */
export type Failing = { readonly history: History; readonly violation: string; readonly runs: number };

/**
 * The smallest history found that still fails: drops operations, larger pieces first (delta debugging), as long as any
 * promise is still broken. Latencies are thrown anew for each run, so what is left may fail in another way than the whole.
 *
 * @param firstViolation runs a history; `null` when all promises hold.
 * @param maxRuns stops after this many runs.
 */
export async function minimise(
  failing: { readonly history: History; readonly violation: string },
  firstViolation: (history: History) => Promise<string | null>,
  maxRuns: number,
): Promise<Failing> {
  let best: Failing = { ...failing, runs: 0 };
  let runs = 0;
  const tryWith = async (operations: readonly Operation[]): Promise<boolean> => {
    runs += 1;
    const history = { ...best.history, operations };
    const violation = await firstViolation(history);
    if (violation !== null) best = { history, violation, runs };
    return violation !== null;
  };
  let pieces = 2;
  while (runs < maxRuns && best.history.operations.length > 0) {
    const { operations } = best.history;
    const size = Math.ceil(operations.length / pieces);
    let isSmaller = false;
    for (let from = 0; from < operations.length && runs < maxRuns && !isSmaller; from += size) {
      isSmaller = await tryWith([...operations.slice(0, from), ...operations.slice(from + size)]);
    }
    if (isSmaller) pieces = Math.max(2, pieces - 1);
    else if (size === 1) break;
    else pieces = Math.min(operations.length, pieces * 2);
  }
  return { ...best, runs };
}
