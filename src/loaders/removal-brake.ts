import { IngestError } from '../core/errors.ts';
import { liveObjectsPlan } from '../core/loading/load-plan.ts';
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

/** Limits how many deleted objects lose their rows within an hour. */
export type RemovalBrake = {
  /**
   * @param objects number of objects of the batch whose rows are about to be removed.
   * @throws IngestError `removals_stopped` for an hour when there are too many; then the batch may continue.
   */
  readonly check: (context: LoadContext, objects: number) => Promise<void>;
  /** The batch is committed. */
  readonly onRemoved: (context: LoadContext, objects: number) => void;
};

/** When a large part of the bucket is deleted, the load waits for an hour and says why, before it removes rows. */
export function createRemovalBrake(): RemovalBrake {
  let lately: readonly { readonly atMs: number; readonly objects: number }[] = [];
  let stopped: { readonly sinceMs: number; readonly askedMs: number } | null = null;
  let openUntilMs = 0;
  return {
    onRemoved: ({ clock }, objects) => {
      if (objects > 0) lately = [...lately, { atMs: clock.nowMs(), objects }];
    },
    check: async (context, objects) => {
      if (objects === 0) return;
      const nowMs = context.clock.nowMs();
      if (nowMs < openUntilMs) {
        openUntilMs = nowMs + WINDOW_MS;
        return;
      }
      lately = lately.filter(({ atMs }) => nowMs - atMs < WINDOW_MS);
      const removed = lately.reduce((sum, one) => sum + one.objects, objects);
      if (removed <= FREE_OBJECTS) return;
      const live = await liveObjects(context);
      if (removed <= MOST_SHARE * (live + removed - objects)) return;
      if (stopped !== null && nowMs - stopped.askedMs >= FORGOTTEN_MS) stopped = null;
      stopped = { sinceMs: stopped?.sinceMs ?? nowMs, askedMs: nowMs };
      if (nowMs - stopped.sinceMs < WINDOW_MS) throw tooMany({ removed, live, untilMs: stopped.sinceMs + WINDOW_MS });
      // Further batches of the same deletion do not wait again.
      openUntilMs = nowMs + WINDOW_MS;
      stopped = null;
    },
  };
}

async function liveObjects(context: LoadContext): Promise<number> {
  const { rowsOf } = await runPlan(context, liveObjectsPlan(context.batch.lane));
  return Number(rowsOf('counts')[0]?.['live'] ?? 0);
}

function tooMany({ live, removed, untilMs }: { live: number; removed: number; untilMs: number }): IngestError {
  const sentence =
    `Deleting ${removed} objects within an hour would remove the rows of more than ${MOST_SHARE * 100} % of the ${live} loaded objects. ` +
    `If the deletion is intended, wait: the load resumes at ${new Date(untilMs).toISOString()}. If it is a mistake, stop the consumers, set ` +
    'SPARKIFY_ON_DELETE=keep and start them again: the rows stay, and you can upload the objects again.';
  return new IngestError('removals_stopped', sentence, { seen: { removed, live } });
}
