import { backoffMs } from '../core/backoff.ts';
import type { ErrorCode } from '../core/errors.ts';
import { IngestError } from '../core/errors.ts';
import { eventTimes, numbered } from '../core/ledger.ts';
import type { Replaced } from '../core/load-plan.ts';
import { committedPlan, publishPlan } from '../core/load-plan.ts';
import type { LoadCounts, LoadOutcome } from '../core/load.ts';
import { s3Uri } from '../core/manifest.ts';
import type { Row } from '../core/ports.ts';
import type { LoadContext } from './load-context.ts';
import { runPlan } from './load-context.ts';
import type { ReadFiles, Staged } from './stage.ts';

/** Rolled back, and retried at once with the same staging tables. */
const LOST_RACES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['serialization_conflict', 'deadlock', 'overtaken']);
const AGAIN = { attempts: 5, minMs: 50, maxMs: 2_000 };

/** The ledger's counts of a committed batch. */
export type Counted = Pick<LoadOutcome, 'counts' | 'liveConsumers'>;

/** Results of the stages before. */
export type PublishInput = {
  readonly read: ReadFiles;
  readonly staged: Staged;
  readonly knownAtMs: number | null;
  readonly readAtMs: number;
  readonly stagedAtMs: number;
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
    ...{ knownAtMs: input.knownAtMs, readAtMs: input.readAtMs, stagedAtMs: input.stagedAtMs },
    ...{ read: read.rows, reach: staged.reach, manifestUri: s3Uri(read.manifest), queryIds: staged.queryIds },
    rejectedRowsMax: settings.rejectedRowsMax,
    hasSetAside: staged.hasSetAside,
    replaced: staged.replaced,
    hasSeenAgain: staged.hasSeenAgain,
    isAlwaysExact: settings.isAlwaysExact === true,
  };
  let isOvertaken = false;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { answers } = await runPlan(context, 'publish', publishPlan({ ...facts, isAgain: attempt > 1 }));
      const done = counted(answers.counts[0]);
      warnOfRemoved(context, staged.replaced, done.counts.removed);
      return done;
    } catch (error) {
      if (error instanceof IngestError && error.code === 'timeout') throw tookTooLong(error);
      if (!(error instanceof IngestError) || !LOST_RACES.has(error.code) || attempt >= AGAIN.attempts) throw error;
      if (error.code === 'overtaken' && isOvertaken) throw overtaken(error);
      isOvertaken ||= error.code === 'overtaken';
      const delayMs = backoffMs(attempt, AGAIN, context.random);
      const { code, message: sentence } = error;
      context.emit({ kind: 'load.retried', batchId: batch.id, code, attempt, delayMs, sentence });
      await context.clock.sleep(delayMs, context.signal);
    }
  }
}

/** Number of keys in the event. */
const SHOWN_KEYS = 3;

/** Warns when objects lose most of their rows: a producer probably writes successive rows under one key. */
function warnOfRemoved({ batch, emit }: LoadContext, replaced: readonly Replaced[], removed: number): void {
  const of = replaced.reduce((sum, { rows }) => sum + rows, 0);
  if (batch.source === 'retract' || removed * 2 <= of) return;
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
  const { answers } = await runPlan(context, 'committed', committedPlan(batch, settings.schema));
  return answers.counts[0] === undefined ? null : counted(answers.counts[0]);
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
