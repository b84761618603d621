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
  /** Ask for this much from now. */
  | { readonly kind: 'renew'; readonly visibilitySeconds: number }
  /** The message may be with somebody else by now; loading it twice does no harm, renewing it is of no use. */
  | { readonly kind: 'lost'; readonly reason: 'expired' | 'too_old' };

/** A message can be kept invisible for 12 h in all, counted from its receipt (Amazon SQS, "visibility timeout"). */
export const LEASE_MAX_MS = 12 * 3_600_000;

/** A load that has not worked by then gives its messages back in good order instead of losing them. */
export const GIVE_BACK_AFTER_MS = 11 * 3_600_000;

/** The lease of a message received now. */
export function leaseFrom(receivedAtMs: number, visibilitySeconds: number): Lease {
  return { receivedAtMs, endsAtMs: receivedAtMs + visibilitySeconds * 1000 };
}

/**
 * What to do with a lease now. Renewed at half of the visibility: a renewal may fail and be tried again several times
 * before the lease ends, and a message costs one call per half visibility.
 *
 * Only the queue knows when a lease really ended. Ours is counted from before the receive call was sent, so it is over
 * up to a long poll too early; a renewal is therefore tried beyond its end as well, for the time of one more lease, and
 * the queue refuses it if the message is visible again.
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
