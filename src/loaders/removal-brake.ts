import { IngestError } from '../core/errors.ts';
import { liveObjectsPlan } from '../core/load-plan.ts';
import type { LoadContext } from './load-context.ts';
import { runPlan } from './load-context.ts';

/** Within this time a person may find out that the deletions were a mistake. */
const WINDOW_MS = 3_600_000;
/** So many objects may be taken back within the window, however few there are. */
const FREE_OBJECTS = 100;
/** More than this share of the live objects is a mistake as long as nobody has had time to see it. */
const MOST_SHARE = 0.1;
/** A load that waits asks every minute. When nobody has asked within this time, the deletion is over. */
const FORGOTTEN_MS = 600_000;

/** Objects whose rows were taken back because somebody deleted them, lately. */
export type RemovalBrake = {
  /**
   * @param objects of the batch, whose rows are about to be taken back.
   * @throws IngestError `removals_stopped` when there are too many, for an hour; then the batch may go on.
   */
  readonly check: (context: LoadContext, objects: number) => Promise<void>;
  /** The batch is committed. */
  readonly onRemoved: (context: LoadContext, objects: number) => void;
};

/** A deletion of a whole prefix takes back nothing at once: the load waits for an hour, and says why. */
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
      // What belongs to the same deletion goes on without a further hour.
      openUntilMs = nowMs + WINDOW_MS;
      stopped = null;
    },
  };
}

async function liveObjects(context: LoadContext): Promise<number> {
  const { answers } = await runPlan(context, 'live', liveObjectsPlan(context.batch.lane));
  return Number(answers.counts[0]?.['live'] ?? 0);
}

function tooMany({ live, removed, untilMs }: { live: number; removed: number; untilMs: number }): IngestError {
  const sentence =
    `Deleting ${removed} objects within an hour would remove the rows of more than ${MOST_SHARE * 100} % of the ${live} loaded objects. ` +
    `If the deletion is intended, wait: the load resumes at ${new Date(untilMs).toISOString()}. If it is a mistake, stop the consumers, set ` +
    'SPARKIFY_ON_DELETE=keep and start them again: the rows stay, and you can upload the objects again.';
  return new IngestError('removals_stopped', sentence, { seen: { removed, live } });
}
