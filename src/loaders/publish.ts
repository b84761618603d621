import { backoffMs } from '../core/backoff.ts';
import type { ErrorCode } from '../core/errors.ts';
import { IngestError } from '../core/errors.ts';
import type { FileOutcome } from '../core/ledger.ts';
import { eventTimeRange, numbered, outcomesBody } from '../core/ledger.ts';
import { committedPlan, publishPlan } from '../core/load-plan.ts';
import type { LoadCounts, LoadOutcome } from '../core/load.ts';
import type { Row } from '../core/ports.ts';
import type { LoadContext } from './load-context.ts';
import { copyInto, runPlan } from './load-context.ts';
import type { Staged } from './stage.ts';

/** Rolled back by the warehouse, and worth trying again at once: the staging tables are still there. */
const LOST_RACES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['serialization_conflict', 'deadlock', 'timeout']);
const AGAIN = { attempts: 5, minMs: 50, maxMs: 2_000 };

/** What the two steps before found out. */
export type PublishInput = {
  readonly staged: Staged;
  readonly knownAtMs: number;
  readonly stagedAtMs: number;
};

/**
 * The third step: rows, dimensions and ledger in one transaction that begins with the single writer's lock. Publishing
 * the same batch again writes nothing, so a lost race is simply run again. The race that songs can lose by themselves is
 * that plays they repair were published outside of the range that was learned before; so they then look at all plays.
 */
export async function publish(
  context: LoadContext,
  input: PublishInput,
): Promise<Pick<LoadOutcome, 'counts' | 'liveConsumers'>> {
  const facts = {
    batch: context.batch,
    events: eventTimeRange(numbered(context.batch)),
    knownAtMs: input.knownAtMs,
    stagedAtMs: input.stagedAtMs,
    consumer: context.settings.consumer,
    manifestUri: input.staged.manifestUri,
    queryIds: input.staged.queryIds,
    outcomes: await writeOutcomes(context, input.staged.outcomes),
    leavesUnread: input.staged.outcomes.some(({ status }) => status === 'unread'),
    rejectedRowsMax: context.settings.rejectedRowsMax,
    staged: input.staged.rows,
  };
  for (let attempt = 1; ; attempt += 1) {
    const plan = publishPlan({ ...facts, repairReach: attempt === 1 ? 'staged' : 'all' });
    try {
      const [row] = (await runPlan(context, 'publish', plan)).rows;
      return { counts: loadCounts(row), liveConsumers: Math.max(1, Number(row?.['live_consumers'] ?? 1)) };
    } catch (error) {
      if (!(error instanceof IngestError) || !LOST_RACES.has(error.code) || attempt >= AGAIN.attempts) throw error;
      const delayMs = backoffMs(attempt, AGAIN, context.random);
      const { code, message: sentence } = error;
      context.emit({ kind: 'load.retried', batchId: context.batch.id, code, attempt, delayMs, sentence });
      await context.clock.sleep(delayMs, context.signal);
    }
  }
}

/** What the ledger says this batch counted, once nobody publishes any more; `null` when it is not committed. */
export async function committedCounts(context: LoadContext): Promise<LoadCounts | null> {
  const { rows } = await runPlan(context, 'committed', committedPlan(context.batch));
  return rows[0] === undefined ? null : loadCounts(rows[0]);
}

async function writeOutcomes(context: LoadContext, outcomes: readonly FileOutcome[]) {
  if (outcomes.length === 0) return null;
  const { signal, store, work } = context;
  const object = { bucket: work.bucket, key: work.outcomesKey };
  await store.put({ ...object, body: outcomesBody(outcomes), contentType: 'application/json', signal });
  return copyInto('batch_outcomes', context, { key: object.key, isParts: false });
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
