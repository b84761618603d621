import { createHash } from 'node:crypto';
import { backoffMs } from '../core/backoff.ts';
import type { ErrorCode } from '../core/errors.ts';
import { IngestError } from '../core/errors.ts';
import type { FileOutcome, NumberedFile } from '../core/ledger.ts';
import type { Batch, LoadBatch, LoadCounts, LoadOutcome, LoadStage } from '../core/load.ts';
import type { Warehouse } from '../core/ports.ts';
import { route } from '../core/route.ts';
import { know } from './know.ts';
import type { Known } from './know.ts';
import type { LoadContext, LoadParts } from './load-context.ts';
import { loadContext } from './load-context.ts';
import { committedCounts, publish } from './publish.ts';
import { SessionPool } from './session-pool.ts';
import { settledFiles } from './settled-files.ts';
import type { Staged } from './stage.ts';
import { stage } from './stage.ts';

/** Starting over in a new session: the temporary tables are gone, or an answer was. */
const START_OVER: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['session_lost', 'outcome_unknown']);
const AGAIN = { attempts: 3, minMs: 200, maxMs: 5_000 };

const NO_ROWS: LoadCounts = { staged: 0, rejected: 0, inserted: 0, updated: 0, repaired: 0 };
const NOTHING_STAGED: Staged = { rows: null, outcomes: [], manifestUri: null, queryIds: [], rejectPlaces: null };

/** The loader behind `LoadBatch`: know, stage, publish, each at most a few round trips. */
export function createLoadBatch(parts: LoadParts & { readonly warehouse: Warehouse }): LoadBatch {
  const { random, warehouse } = parts;
  const sessions = new SessionPool(warehouse);
  const nonce = Math.floor(random() * 2 ** 30).toString(36);
  let tokens = 0;

  return async (batch, signal) => {
    const roundTripsBefore = warehouse.roundTrips();
    const token = (stageName: string) => `${shortId(batch)}-${stageName}-${nonce}${(tokens += 1).toString(36)}`;
    for (let attempt = 1; ; attempt += 1) {
      const session = sessions.take();
      const context = loadContext(parts, { batch, session, signal, token });
      try {
        const loaded = await loadOnce(context);
        sessions.giveBack(session);
        return { ...loaded, roundTrips: warehouse.roundTrips() - roundTripsBefore };
      } catch (error) {
        if (!(error instanceof IngestError) || !START_OVER.has(error.code) || attempt >= AGAIN.attempts) throw error;
        await waitToStartOver(context, { error, attempt });
      }
    }
  };
}

/** The pipeline. Every step may be repeated: what is settled is recognised, what is published again changes nothing. */
async function loadOnce(context: LoadContext): Promise<Omit<LoadOutcome, 'roundTrips'>> {
  const { batch, clock } = context;
  const timer = stageTimer(context);

  const known = await know(context);
  const knownAtMs = timer.finished('know');
  if (known.open.length === 0) return await nothingLeft(context, known, timer.stageMs());

  const ignored = ignoredOutcomes(context, known.open);
  const staged = await inSession(() => (batch.lane === 'ignored' ? NOTHING_STAGED : stage(context, known.open)));
  const stagedAtMs = timer.finished('stage');

  const outcomes = [...ignored, ...staged.outcomes];
  const counts = await inSession(() => publish(context, { staged, outcomes, knownAtMs, stagedAtMs }));
  timer.finished('publish');

  const files = settledFiles(batch, known, outcomes);
  return { batchId: batch.id, files, counts, stageMs: timer.stageMs(), committedAtMs: clock.nowMs() };
}

/** All files were settled before: by others, or by this batch, whose commit was not heard of. */
async function nothingLeft(
  context: LoadContext,
  known: Known,
  stageMs: Readonly<Record<LoadStage, number>>,
): Promise<Omit<LoadOutcome, 'roundTrips'>> {
  const { batch, clock } = context;
  const counts = known.isCommitted ? await committedCounts(context) : null;
  const files = settledFiles(batch, known, []);
  return { batchId: batch.id, files, counts: counts ?? NO_ROWS, stageMs, committedAtMs: clock.nowMs() };
}

/** The tables of `sql/schema` that loads use after the first step; all others are temporary. */
const LASTING_TABLES =
  /relation "(?:[^".]+\.)?(?:songplays|users|songs|artists|time|song_sources|play_keys|ingest_\w+|rejected_rows)"/;

/**
 * After the ledger was found in the first step, a table that is not there is a temporary one, unless somebody dropped
 * it meanwhile: the session went away between two steps.
 */
async function inSession<T>(step: () => Promise<T> | T): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof IngestError) || error.code !== 'schema_missing') throw error;
    if (LASTING_TABLES.test(error.message)) throw error;
    throw new IngestError('session_lost', 'The warehouse session ended within a load.', { cause: error });
  }
}

async function waitToStartOver(context: LoadContext, failed: { error: IngestError; attempt: number }): Promise<void> {
  const { batch, clock, emit, random, signal } = context;
  const { attempt, error } = failed;
  const delayMs = backoffMs(attempt, AGAIN, random);
  emit({ kind: 'load.retried', batchId: batch.id, code: error.code, attempt, delayMs, sentence: error.message });
  await clock.sleep(delayMs, signal);
  if (error.code !== 'outcome_unknown') return;
  // Waits behind the lock until a publish that may still be running has ended; then the ledger can be trusted.
  context.session.reset();
  await committedCounts(context);
}

function ignoredOutcomes({ batch, settings }: LoadContext, open: readonly NumberedFile[]): readonly FileOutcome[] {
  if (batch.lane !== 'ignored') return [];
  return open.map(({ file, fileNumber }) => {
    const routed = route(file, settings);
    const reason = routed.kind === 'load' ? 'was not routed to a dataset when it arrived' : routed.reason;
    const nothing = { errorCode: null, lineNumber: null, columnName: null, version: null };
    return { fileNumber, status: 'ignored' as const, reason, ...nothing };
  });
}

function stageTimer({ batch, clock, emit }: LoadContext) {
  const stageMs: Record<LoadStage, number> = { know: 0, stage: 0, publish: 0 };
  let sinceMs = clock.nowMs();
  return {
    finished: (stageName: LoadStage): number => {
      const nowMs = clock.nowMs();
      stageMs[stageName] = nowMs - sinceMs;
      sinceMs = nowMs;
      emit({ kind: 'load.stage_finished', batchId: batch.id, stage: stageName, ms: stageMs[stageName] });
      return nowMs;
    },
    stageMs: () => ({ ...stageMs }),
  };
}

/** Tokens have 64 characters, ids up to 60. */
function shortId({ id }: Batch): string {
  return id.length <= 36 ? id : createHash('md5').update(id).digest('hex');
}
