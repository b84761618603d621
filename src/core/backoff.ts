import type { Random } from './ports.ts';

/**
 * How long to wait before attempt `attempt + 1`: uniform between `minMs` and a ceiling that doubles with every attempt up to
 * `maxMs` ("full jitter" above a floor), so that consumers that failed together do not retry together.
 *
 * @param attempt attempts that have failed so far, from 1.
 */
export function backoffMs(attempt: number, range: { minMs: number; maxMs: number }, random: Random): number {
  // 2 ** 30 is far beyond any maximum; without the cap a very long wait would overflow into Infinity.
  const ceilingMs = Math.min(range.maxMs, range.minMs * 2 ** Math.min(attempt, 30));
  return Math.round(range.minMs + random() * Math.max(0, ceilingMs - range.minMs));
}
