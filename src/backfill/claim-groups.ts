import { IngestError } from '../core/errors.ts';
import type { Clock, ObjectStore } from '../core/ports.ts';
import type { RouteSettings } from '../core/route.ts';
import type { BackfillGroup } from './plan-backfill.ts';
import { groupName } from './plan-backfill.ts';

/** Groups that this backfill keeps for later, because another backfill is at work on them. */
const KEPT_GROUPS = 4;
/**
 * How often and for how long a backfill asks again for a group that another one has. Then it loads the group too, because the other one
 * may have been killed: the second of two loads of a group changes nothing.
 */
const AGAIN = { tries: 2, everyMs: 500 };

/** A group that this backfill works on until the group is released. */
export type ClaimedGroup = { readonly group: BackfillGroup; readonly release: () => Promise<void> };

type ClaimParts = {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly settings: RouteSettings & { readonly consumer: string };
};

/**
 * Lets two backfills of the same listing share the work: each group is claimed by an object below the work prefix, which S3 writes for
 * one of them only. A group that another backfill has claimed comes later: by then the ledger knows it.
 */
export async function* claimed(
  { clock, settings, store }: ClaimParts,
  groups: AsyncIterable<BackfillGroup>,
  signal: AbortSignal,
): AsyncGenerator<ClaimedGroup, void> {
  const { bucket } = settings;
  const keyOf = (group: BackfillGroup): string => `${settings.workPrefix}backfill/${groupName(group)}.claim`;
  const claim = async (group: BackfillGroup): Promise<boolean> => {
    const content = { body: settings.consumer, contentType: 'text/plain', ifAbsent: true };
    try {
      await store.put({ bucket, key: keyOf(group), ...content, signal });
      return true;
    } catch (error) {
      if (error instanceof IngestError && error.code === 'object_exists') return false;
      throw error;
    }
  };
  const taken = (group: BackfillGroup): ClaimedGroup => ({
    group,
    release: async (): Promise<void> => {
      // A claim that stays delays its group in the next backfill, and does no other harm.
      await store.remove({ bucket, keys: [keyOf(group)], signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    },
  });
  const takenAgain = async (group: BackfillGroup): Promise<ClaimedGroup> => {
    for (let tries = 0; tries < AGAIN.tries && !(await claim(group)); tries += 1) {
      await clock.sleep(AGAIN.everyMs, signal);
    }
    return taken(group);
  };
  const later: BackfillGroup[] = [];
  for await (const group of groups) {
    if (await claim(group)) yield taken(group);
    else later.push(group);
    if (later.length <= KEPT_GROUPS) continue;
    const [oldest] = later.splice(0, 1);
    if (oldest !== undefined) yield await takenAgain(oldest);
  }
  for (const group of later) yield await takenAgain(group);
}
