import { IngestError } from '../core/errors.ts';
import { removalsPlan } from '../core/loading/load-plan.ts';
import type { LoadContext } from './load-context.ts';
import { runPlan } from './load-context.ts';

/** The time that a person has to find out that deletions were a mistake. */
const WINDOW_MS = 3_600_000;
/** The rows of this many objects may always be removed within the window. */
const FREE_OBJECTS = 100;
/** Removing more than this share of the live objects has to wait for the window. */
const MOST_SHARE = 0.1;
/** A waiting load checks every minute. Without a check for this long, the deletion is over. */
const FORGOTTEN_MS = 600_000;
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** Limits how many deleted objects lose their rows within an hour, over all consumers. */
export type RemovalBrake = {
  /**
   * Publishes a batch, if it does not remove too much.
   *
   * @param objects number of objects of the batch whose rows are about to be removed.
   * @param publish ends with `removals_stopped` when with this batch more than `most` objects lose their rows within the hour.
   * @throws IngestError `removals_stopped` for an hour when there are too many; then the batch may continue.
   */
  readonly publish: <T>(context: LoadContext, objects: number, publish: (most: number) => Promise<T>) => Promise<T>;
};

/**
 * When a large part of the bucket is deleted, the load waits for an hour and says why, before it removes rows. What was removed is
 * counted in the ledger, under the lock of the publish. The hour is the process's own: a restart only makes it longer.
 */
export function createRemovalBrake(): RemovalBrake {
  let stopped: { readonly sinceMs: number; readonly askedMs: number } | null = null;
  let openUntilMs = 0;

  async function mostObjects(context: LoadContext, objects: number, asks: boolean): Promise<number> {
    const nowMs = context.clock.nowMs();
    if (nowMs < openUntilMs) {
      openUntilMs = nowMs + WINDOW_MS;
      return NO_LIMIT;
    }
    if (!asks) return FREE_OBJECTS;
    const { lately, live } = await removals(context);
    const most = Math.max(FREE_OBJECTS, Math.floor(MOST_SHARE * (live + lately)));
    const removed = lately + objects;
    if (removed <= most) return most;
    if (stopped !== null && nowMs - stopped.askedMs >= FORGOTTEN_MS) stopped = null;
    stopped = { sinceMs: stopped?.sinceMs ?? nowMs, askedMs: nowMs };
    if (nowMs - stopped.sinceMs < WINDOW_MS) throw tooMany({ removed, live, untilMs: stopped.sinceMs + WINDOW_MS });
    // Further batches of the same deletion do not wait again.
    openUntilMs = nowMs + WINDOW_MS;
    stopped = null;
    return NO_LIMIT;
  }

  return {
    publish: async (context, objects, publish) => {
      if (objects === 0) return await publish(NO_LIMIT);
      const most = await mostObjects(context, objects, objects > FREE_OBJECTS || stopped !== null);
      try {
        return await publish(most);
      } catch (error) {
        // Others have removed objects within the hour.
        if (!(error instanceof IngestError) || error.code !== 'removals_stopped') throw error;
        return await publish(await mostObjects(context, objects, true));
      }
    },
  };
}

async function removals(context: LoadContext): Promise<{ readonly live: number; readonly lately: number }> {
  const { rowsOf } = await runPlan(context, removalsPlan(context.batch));
  const count = (name: string) => Number(rowsOf('counts')[0]?.[name] ?? 0);
  return { live: count('live'), lately: count('lately') };
}

function tooMany({ live, removed, untilMs }: { live: number; removed: number; untilMs: number }): IngestError {
  const sentence =
    `Deleting ${removed} objects within an hour would remove the rows of more than ${MOST_SHARE * 100} % of the ${live} loaded objects. ` +
    `If the deletion is intended, wait: the load resumes at ${new Date(untilMs).toISOString()}. New files wait, too; "sparkify backfill" loads them. If it is a mistake, stop the consumers, set ` +
    'SPARKIFY_ON_DELETE=keep and start them again: the rows stay, and you can upload the objects again.';
  return new IngestError('removals_stopped', sentence, { seen: { removed, live } });
}
