import { IngestError } from '../core/errors.ts';
import type { Clock, ObjectStore } from '../core/ports.ts';
import type { RouteSettings } from '../core/route.ts';
import type { LookedUpPart } from './plan-backfill.ts';
import { groupName } from './plan-backfill.ts';

/** Parts that this backfill keeps for later, because another backfill is at work on them. */
const KEPT_PARTS = 4;
/**
 * How often and for how long a backfill asks again for a part that another one has. Then it loads what the part still lacks too,
 * because the other one may have been killed: the second of two loads of a file changes nothing.
 */
const AGAIN = { tries: 2, everyMs: 500 };

/** A part that this backfill works on until the part is released. */
export type ClaimedPart = LookedUpPart & { readonly release: () => Promise<void> };

type ClaimParts = {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly settings: RouteSettings & { readonly consumer: string };
  /** Set at the first claim of another backfill. From then on every claimed part is looked up again. */
  readonly others: { wereSeen: boolean };
};

/**
 * Lets two backfills of the same listing share the work: each part is claimed by an object below the work prefix, which S3 writes for
 * one of them only. A part that another backfill has claimed comes later: by then the ledger knows it.
 */
export async function* claimed(
  { clock, others, settings, store }: ClaimParts,
  parts: AsyncIterable<LookedUpPart>,
  signal: AbortSignal,
): AsyncGenerator<ClaimedPart, void> {
  const { bucket } = settings;
  const keyOf = ({ part }: LookedUpPart): string => `${settings.workPrefix}backfill/${groupName(part)}.claim`;
  const claim = async (one: LookedUpPart): Promise<boolean> => {
    const content = { body: settings.consumer, contentType: 'text/plain', ifAbsent: true };
    try {
      await store.put({ bucket, key: keyOf(one), ...content, signal });
      return true;
    } catch (error) {
      if (!(error instanceof IngestError) || error.code !== 'object_exists') throw error;
      others.wereSeen = true;
      return false;
    }
  };
  const taken = (one: LookedUpPart): ClaimedPart => ({
    ...one,
    lookedUpAtMs: others.wereSeen ? Number.NEGATIVE_INFINITY : one.lookedUpAtMs,
    release: async (): Promise<void> => {
      // Also the claim of a backfill that was killed. A claim that stays delays its part in the next backfill, and does no other harm.
      await store.remove({ bucket, keys: [keyOf(one)], signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    },
  });
  const takenAgain = async (one: LookedUpPart): Promise<ClaimedPart> => {
    for (let tries = 0; tries < AGAIN.tries && !(await claim(one)); tries += 1) {
      await clock.sleep(AGAIN.everyMs, signal);
    }
    return taken(one);
  };
  const later: LookedUpPart[] = [];
  for await (const one of parts) {
    if (await claim(one)) yield taken(one);
    else later.push(one);
    if (later.length <= KEPT_PARTS) continue;
    const [oldest] = later.splice(0, 1);
    if (oldest !== undefined) yield await takenAgain(oldest);
  }
  for (const one of later) yield await takenAgain(one);
}
