import { BOUNDS } from '../core/bounds.ts';
import type { ConsumerSnapshot, PauseReason } from '../core/intake/consumer-snapshot.ts';

export type Readiness = { readonly ready: true } | { readonly ready: false; readonly reason: string };

/**
 * Ready: the consumer receives messages, and S3, SQS and the warehouse answer. Otherwise the reason. A statement that runs for an
 * hour is answered every 30 s, and every long poll is shorter than the limit.
 */
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
  const { loadInFlight: load, receiveUnderWaySinceMs } = snapshot;
  const receiveMs = nowMs - (receiveUnderWaySinceMs ?? nowMs);
  if (receiveMs > BOUNDS.toldWithinMs) {
    return { ready: false, reason: `the queue has not answered a receive for ${seconds(receiveMs)}` };
  }
  const loadMs = nowMs - (load?.phase === 'loading' ? load.lastAnsweredAtMs : nowMs);
  if (load !== null && loadMs > BOUNDS.toldWithinMs) {
    const reason = `neither S3 nor the warehouse has answered the load of batch ${load.batchId} for ${seconds(loadMs)}`;
    return { ready: false, reason };
  }
  return { ready: true };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}

function inWords({ reason, sentence, sinceMs }: PauseReason): string {
  return `${reason} since ${new Date(sinceMs).toISOString()}: ${sentence}`;
}

/** Alive: the process answers and its consumer has not ended. A paused consumer is alive; a restart would not help. */
export function isAlive(snapshot: ConsumerSnapshot): boolean {
  return snapshot.state !== 'failed' && snapshot.state !== 'stopped';
}
