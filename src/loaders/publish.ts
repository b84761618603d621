import { backoffMs } from '../core/backoff.ts';
import type { ErrorCode } from '../core/errors.ts';
import { IngestError } from '../core/errors.ts';
import { eventTimes, numbered } from '../core/ledger.ts';
import { committedPlan, publishPlan } from '../core/load-plan.ts';
import type { LoadCounts, LoadOutcome } from '../core/load.ts';
import { s3Uri } from '../core/manifest.ts';
import type { Row } from '../core/ports.ts';
import type { LoadContext } from './load-context.ts';
import { runPlan } from './load-context.ts';
import type { ReadFiles, Staged } from './stage.ts';

/** Rolled back by the warehouse, and worth trying again at once: the staging tables are still there. */
const LOST_RACES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['serialization_conflict', 'deadlock']);
const AGAIN = { attempts: 5, minMs: 50, maxMs: 2_000 };

/** What the ledger says of a batch that is committed. */
export type Counted = Pick<LoadOutcome, 'counts' | 'liveConsumers'>;

/** What the steps before found out. */
export type PublishInput = {
  readonly read: ReadFiles;
  readonly staged: Staged;
  readonly knownAtMs: number | null;
  readonly readAtMs: number;
  readonly stagedAtMs: number;
};

/**
 * The last step: rows, dimensions and ledger in one transaction that begins with the single writer's lock. Publishing
 * the same batch again writes nothing, so a lost race is simply run again. The race that a batch can lose by itself is
 * that another batch was published since the stage step looked; so the next attempt relies on nothing that was seen there.
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
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { answers } = await runPlan(context, 'publish', publishPlan({ ...facts, isAgain: attempt > 1 }));
      return counted(answers.counts[0]);
    } catch (error) {
      if (error instanceof IngestError && error.code === 'timeout') throw tookTooLong(error);
      if (!(error instanceof IngestError) || !LOST_RACES.has(error.code) || attempt >= AGAIN.attempts) throw error;
      const delayMs = backoffMs(attempt, AGAIN, context.random);
      const { code, message: sentence } = error;
      context.emit({ kind: 'load.retried', batchId: batch.id, code, attempt, delayMs, sentence });
      await context.clock.sleep(delayMs, context.signal);
    }
  }
}

/** Redshift has no timeout for locks: whoever waits for one runs into the timeout of statements. */
function tookTooLong(error: IngestError): IngestError {
  const sentence =
    'The warehouse ended a statement of the transaction that publishes a batch, because the statement took too long: probably another ' +
    'session holds a lock. "select * from svv_transactions where granted" names the sessions that hold locks; end the session that should ' +
    `not hold one with pg_terminate_backend(pid). The warehouse says: ${error.message}`;
  return new IngestError(error.code, sentence, { seen: error.seen, cause: error });
}

/** What the ledger says this batch counted, once nobody publishes any more; `null` when it is not committed. */
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
  };
}
