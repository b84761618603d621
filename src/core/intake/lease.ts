/**
 * A held message stays invisible to others until its lease ends; it is renewed while the message is held.
 */
export type Lease = {
  readonly receivedAtMs: number;
  /** When the message becomes visible again unless renewed, epoch ms. */
  readonly endsAtMs: number;
};

export type LeaseAction =
  | { readonly kind: 'keep'; readonly untilMs: number }
  /** Set the visibility timeout to this, from now. */
  | { readonly kind: 'renew'; readonly visibilitySeconds: number }
  /** Another consumer may have the message by now. Renewing is useless; loading twice does no harm. */
  | { readonly kind: 'lost'; readonly reason: 'expired' | 'too_old' };

/** A message can stay invisible for at most 12 h after its receipt (Amazon SQS, "visibility timeout"). */
export const LEASE_MAX_MS = 12 * 3_600_000;

/** A load that has not committed by then is given up and its messages are released, before SQS takes them away. */
export const RELEASE_AFTER_MS = 11 * 3_600_000;

/** The lease of a message received now. */
export function leaseFrom(receivedAtMs: number, visibilitySeconds: number): Lease {
  return { receivedAtMs, endsAtMs: receivedAtMs + visibilitySeconds * 1000 };
}

/**
 * What to do with a lease now. A lease is renewed at half of the visibility timeout, so that a failed renewal can be repeated
 * several times before the lease ends.
 *
 * Only SQS knows when a lease really ends. The end here counts from before the receive call was sent, so it is up to one long
 * poll too early. A renewal is therefore tried for one more lease beyond that end; SQS refuses it if the message is visible.
 */
export function leaseAction(lease: Lease, now: { atMs: number; visibilitySeconds: number }): LeaseAction {
  const renewAtMs = lease.endsAtMs - now.visibilitySeconds * 500;
  if (now.atMs < renewAtMs) return { kind: 'keep', untilMs: renewAtMs };
  const leftSeconds = Math.floor((lease.receivedAtMs + LEASE_MAX_MS - now.atMs) / 1000);
  const visibilitySeconds = Math.min(now.visibilitySeconds, leftSeconds);
  if (visibilitySeconds < 1 || now.atMs + visibilitySeconds * 1000 <= lease.endsAtMs) {
    return { kind: 'lost', reason: 'too_old' };
  }
  if (now.atMs >= lease.endsAtMs + now.visibilitySeconds * 1000) return { kind: 'lost', reason: 'expired' };
  return { kind: 'renew', visibilitySeconds };
}
