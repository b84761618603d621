import type { Clock } from './ports.ts';

/**
 * Makes attempts until one succeeds or `delayMs` ends the series. The one loop behind every call that is repeated for its error.
 *
 * @param attempt called with the attempt's number, from 1.
 * @param again.delayMs after a failed attempt: how long to wait before the next one; `null` when there is none, so that the error is the
 *   caller's. May throw an error that says more.
 * @param again.signal aborted: the wait ends at once, and the next attempt has to find that out.
 */
export async function retry<T>(
  attempt: (number: number) => Promise<T>,
  again: {
    readonly clock: Clock;
    readonly signal: AbortSignal;
    readonly delayMs: (error: unknown, attempts: number) => number | null;
    readonly onRetry?: (error: unknown, attempts: number, delayMs: number) => void;
  },
): Promise<T> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt(attempts);
    } catch (error) {
      const delayMs = again.delayMs(error, attempts);
      if (delayMs === null) throw error;
      again.onRetry?.(error, attempts, delayMs);
      await again.clock.sleep(delayMs, again.signal);
    }
  }
}
