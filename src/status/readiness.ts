import type { ConsumerSnapshot, PauseReason } from '../core/consumer-snapshot.ts';

export type Readiness = { readonly ready: true } | { readonly ready: false; readonly reason: string };

/** A load under way for longer than this means that the warehouse does not answer as it should. */
const SLOW_LOAD_MS = 10 * 60_000;

/** Ready: it takes messages and the warehouse does what it is asked. Otherwise the reason, in words. */
export function readiness(snapshot: ConsumerSnapshot, nowMs: number): Readiness {
  switch (snapshot.state) {
    case 'consuming':
      break;
    case 'paused':
      return { ready: false, reason: `paused: ${snapshot.pauses.map(inWords).join(' ')}` };
    case 'starting':
      return { ready: false, reason: 'starting: the queue has not answered yet' };
    case 'draining':
    case 'failing':
    case 'stopped':
    case 'failed':
      return { ready: false, reason: snapshot.state };
  }
  const load = snapshot.loadInFlight;
  if (load !== null && nowMs - load.startedAtMs > SLOW_LOAD_MS) {
    return { ready: false, reason: `batch ${load.batchId} has been loading for ${nowMs - load.startedAtMs} ms` };
  }
  return { ready: true };
}

function inWords({ reason, sentence, sinceMs }: PauseReason): string {
  return `${reason} since ${new Date(sinceMs).toISOString()}: ${sentence}`;
}

/** Alive: the process answers and its consumer has not ended. A paused consumer is alive; restarting it helps nobody. */
export function isAlive(snapshot: ConsumerSnapshot): boolean {
  return snapshot.state !== 'failed' && snapshot.state !== 'stopped';
}
