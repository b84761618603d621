import { backoffMs } from '../core/backoff.ts';
import { isRetraction } from '../core/decision.ts';
import { IngestError } from '../core/errors.ts';
import { eventTimes, numbered } from '../core/loading/ledger.ts';
import type { Replaced } from '../core/loading/load-plan.ts';
import { committedPlan, publishPlan } from '../core/loading/load-plan.ts';
import type { LoadCounts, LoadOutcome } from '../core/load.ts';
import { s3Uri } from '../core/loading/manifest.ts';
import type { Random, Row } from '../core/ports.ts';
import { retriedLoad } from '../core/retried-load.ts';
import { retry } from '../core/retry.ts';
import { ERROR_POLICY } from '../core/verdict.ts';
import type { LoadContext } from './load-context.ts';
import { runPlan } from './load-context.ts';
import type { ReadFiles, Staged } from './stage.ts';

const AGAIN = { attempts: 5, minMs: 50, maxMs: 2_000 };

/** The ledger's counts of a committed batch. */
export type Counted = Pick<LoadOutcome, 'counts' | 'liveConsumers'>;

/** Results of the stages before. */
export type PublishInput = {
  readonly read: ReadFiles;
  readonly staged: Staged;
  readonly readAtMs: number;
  readonly stagedAtMs: number;
  readonly objectsRemoved: number;
  readonly removalsMax: number;
  /** As in `PublishFacts`. */
  readonly totalsSinceMs: number | null;
};

/**
 * The last step: rows, dimensions and ledger in one transaction that begins with the lock of the single writer. Publishing the same
 * batch again writes nothing, so a lost race is simply retried. After a guard has failed (another batch was published after the
 * stage step), the next attempt relies on the live versions that the stage step saw, and on nothing else. If a guard fails again,
 * another version is live, and the load has to start over.
 *
 * @throws IngestError `overtaken` when a guard fails twice.
 */
export async function publish(context: LoadContext, input: PublishInput): Promise<Counted> {
  const { batch, settings } = context;
  const { read, staged } = input;
  const facts = {
    ...{ batch, schema: settings.schema, events: eventTimes(numbered(batch)), consumer: settings.consumer },
    ...{ readAtMs: input.readAtMs, stagedAtMs: input.stagedAtMs },
    ...{ read: read.rows, reach: staged.reach, manifestUri: s3Uri(read.manifest), queryIds: staged.queryIds },
    rejectedRowsMax: settings.rejectedRowsMax,
    ...{ objectsRemoved: input.objectsRemoved, removalsMax: input.removalsMax },
    hasChangeable: staged.hasChangeable,
    replaced: staged.replaced,
    hasSeenAgain: staged.hasSeenAgain,
    hasOpen: staged.hasOpen,
    opens: read.rows.rejected > 0 || read.outcomes.some(({ status }) => status === 'quarantined'),
    isAlwaysExact: settings.isAlwaysExact === true,
    totalsSinceMs: input.totalsSinceMs,
  };
  const publishOnce = async (attempt: number): Promise<Counted> => {
    const { rowsOf } = await runPlan(context, publishPlan({ ...facts, isAgain: attempt > 1 }));
    return counted(rowsOf('counts')[0]);
  };
  const { clock, signal } = context;
  const published = await retry(publishOnce, {
    clock,
    signal,
    delayMs: lostRaces(context.random),
    onRetry: retriedLoad(context),
  });
  warnOfRemoved(context, staged.replaced, published.counts.removed);
  return published;
}

/** How long to wait before the batch is published again. */
function lostRaces(random: Random): (error: unknown, attempts: number) => number | null {
  let isOvertaken = false;
  return (error, attempts) => {
    if (!(error instanceof IngestError)) return null;
    if (error.code === 'timeout') throw tookTooLong(error);
    if (error.code === 'plan_changed') throw planChanged(error);
    const { inLoad } = ERROR_POLICY[error.code];
    if (inLoad === 'publish_exactly' && isOvertaken) throw overtaken(error);
    isOvertaken ||= inLoad === 'publish_exactly';
    const isRace = inLoad === 'publish_again' || inLoad === 'publish_exactly';
    return isRace && attempts < AGAIN.attempts ? backoffMs(attempts, AGAIN, random) : null;
  };
}

/** Number of keys in the event. */
const SHOWN_KEYS = 3;

/** Warns when objects lose most of their rows: a producer probably writes successive rows under one key. */
function warnOfRemoved({ batch, emit }: LoadContext, replaced: readonly Replaced[], removed: number): void {
  const of = replaced.reduce((sum, { rows }) => sum + rows, 0);
  if (isRetraction(batch) || removed * 2 <= of) return;
  const keys = replaced.slice(0, SHOWN_KEYS).map(({ key }) => key);
  emit({ kind: 'load.rows_removed', batchId: batch.id, removed, of, keys });
}

/** Redshift has no lock timeout, so a wait for a lock ends with the statement timeout. */
function tookTooLong(error: IngestError): IngestError {
  const sentence =
    'A statement of the transaction that publishes a batch timed out: another session probably holds a lock. List the locks with ' +
    '"select * from svv_transactions where granted", and end the session with pg_terminate_backend(pid) if it should not hold one. ' +
    `The warehouse says: ${error.message}`;
  return new IngestError(error.code, sentence, { seen: error.seen, cause: error });
}

function planChanged(error: IngestError): IngestError {
  const sentence =
    'The versions or the rows changed after the plan was shown, so nothing was retracted. Run the command again, and look at the new ' +
    `plan. The warehouse says: ${error.message}`;
  return new IngestError(error.code, sentence, { cause: error });
}

function overtaken(error: IngestError): IngestError {
  const sentence =
    'Another transaction published rows of the same objects while this batch was staged, so this batch was not published. The load ' +
    'starts over automatically. If this happens often, find out what else writes to the tables: sparkify consumers and backfills ' +
    `wait for each other. The warehouse says: ${error.message}`;
  return new IngestError('overtaken', sentence, { seen: error.seen, cause: error });
}

/** Waits for the current publisher, then reads the ledger's counts of this batch; `null` if it is not committed. */
export async function committedCounts(context: LoadContext): Promise<Counted | null> {
  const { batch, settings } = context;
  const { rowsOf } = await runPlan(context, committedPlan(batch, settings.schema));
  const [row] = rowsOf('counts');
  return row === undefined ? null : counted(row);
}

function counted(row: Row | undefined): Counted {
  return { counts: loadCounts(row), liveConsumers: Math.max(1, Number(row?.['live_consumers'] ?? 1)) };
}

function loadCounts(row: Row | undefined): LoadCounts {
  const count = (name: string) => Number(row?.[name] ?? 0);
  return {
    staged: count('rows_staged'),
    rejected: count('rows_rejected'),
    inserted: count('rows_inserted'),
    updated: count('rows_updated'),
    repaired: count('rows_repaired'),
    removed: count('rows_removed'),
  };
}
