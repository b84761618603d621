import { randomUUID } from 'node:crypto';
import type { QueryIds } from '../engine/query-ids.ts';
import type { RedshiftSession } from '../engine/session.ts';
import { RedshiftError } from '../errors/redshift-error.ts';
import { unconfirmed } from './unconfirmed.ts';
import { bindParameters } from './bind-parameters.ts';
import type { ResultFiles, ResultWriter } from './result-files.ts';
import type { StatementRecord, SubStatement } from './statement-record.ts';

/** A statement in flight. */
export type Run = {
  readonly record: StatementRecord;
  readonly files: ResultFiles;
  readonly queryIds: QueryIds;
  /** Whether a caller cancelled it. */
  readonly cancelled: () => boolean;
};

/** The error of sub-statements after a failed one (the service's own text, its grammar included). */
const neverRan = 'Connection or an prior query failed.';
const cancelledText = 'Query was cancelled';

/**
 * Runs the statements of a call one after the other on a session and writes their outcomes into the record.
 * Never throws: an error of SQL is an outcome.
 */
export async function runStatements(run: Run, session: RedshiftSession): Promise<void> {
  const { record } = run;
  record.pid = session.pid;
  record.status = 'STARTED';
  const startedAt = process.hrtime.bigint();
  if (record.batch && record.executionMode === 'TRANSACTION') await runTransaction(run, session);
  else await runEach(run, session);
  record.durationNs = Number(process.hrtime.bigint() - startedAt);
}

/** The session could not be opened: nothing ran, and only the parent has the error. */
export function failBeforeStart(run: Run, error: unknown): void {
  const { record } = run;
  const nowMs = Date.now();
  record.status = run.cancelled() ? 'ABORTED' : 'FAILED';
  record.error = run.cancelled() ? cancelledText : `FATAL: ${error instanceof Error ? error.message : String(error)}`;
  record.updatedAtMs = nowMs;
  for (const sub of record.subs) skip(sub, nowMs);
}

/** All or nothing; statements before the failing one keep saying FINISHED although their work is undone. */
async function runTransaction(run: Run, session: RedshiftSession): Promise<void> {
  const { record } = run;
  for (const [index, sub] of record.subs.entries()) {
    await runOne(run, session, { sub, number: index + 1, autoCommit: false });
    if (sub.status === 'FINISHED') continue;
    for (const later of record.subs.slice(index + 1)) skip(later, Date.now());
    await session.rollback();
    settle(record, sub.status, sub.error);
    return;
  }
  try {
    await session.commit();
    settle(record, 'FINISHED', null);
  } catch (error) {
    settle(record, 'FAILED', errorText(error));
  }
}

/** Each statement commits separately; the later ones run even after a failure. */
async function runEach(run: Run, session: RedshiftSession): Promise<void> {
  const { record } = run;
  for (const [index, sub] of record.subs.entries()) {
    if (run.cancelled() || session.lost) skip(sub, Date.now());
    else await runOne(run, session, { sub, number: index + 1, autoCommit: true });
  }
  const failed = record.subs.find((sub) => sub.status !== 'FINISHED');
  if (failed === undefined || (record.batch && unconfirmed.autoCommitParent === 'FINISHED'))
    settle(record, 'FINISHED', null);
  else settle(record, failed.status, failed.error);
}

async function runOne(
  run: Run,
  session: RedshiftSession,
  input: { sub: SubStatement; number: number; autoCommit: boolean },
): Promise<void> {
  const { sub } = input;
  const startedAt = process.hrtime.bigint();
  let writer: ResultWriter | null = null;
  const openWriter = () => run.files.writer(`${run.record.id}.${input.number}`, run.record.resultFormat);
  try {
    if (run.cancelled()) throw new RedshiftError('57014', cancelledText);
    sub.status = 'STARTED';
    sub.queryId = await run.queryIds.next();
    sub.queryUuid = randomUUID();
    const { sql } = bindParameters(sub.sql, run.record.parameters);
    const outcome = await session.run(sql, {
      queryId: sub.queryId,
      autoCommit: input.autoCommit,
      onRow: (values, fields) => (writer ??= openWriter()).add(values, fields),
    });
    if (outcome.columns !== null) {
      // The callback above assigned it, which the compiler does not see.
      const results = (writer as ResultWriter | null) ?? openWriter();
      sub.bytes = results.bytes;
      sub.result = results.finish(outcome.columns);
    } else {
      sub.bytes = 0;
    }
    sub.rows = outcome.rows;
    sub.status = 'FINISHED';
  } catch (error) {
    (writer as ResultWriter | null)?.discard();
    const stopped = run.cancelled() && error instanceof RedshiftError && error.sqlState === '57014';
    sub.status = stopped ? 'ABORTED' : 'FAILED';
    sub.error = stopped ? cancelledText : errorText(error);
  }
  sub.updatedAtMs = Date.now();
  sub.durationNs = Number(process.hrtime.bigint() - startedAt);
}

function skip(sub: SubStatement, nowMs: number): void {
  sub.status = 'ABORTED';
  sub.error = neverRan;
  sub.updatedAtMs = nowMs;
}

function settle(record: StatementRecord, status: StatementRecord['status'], error: string | null): void {
  record.status = status;
  record.error = error;
  record.updatedAtMs = Date.now();
}

/** Text as the JDBC driver composes it; a position is given for syntax errors only. */
function errorText(error: unknown): string {
  if (!(error instanceof RedshiftError)) return `ERROR: ${error instanceof Error ? error.message : String(error)}`;
  const detail = error.detail === null ? '' : `\n  Detail: ${error.detail}`;
  const hint = error.hint === null ? '' : `\n  Hint: ${error.hint}`;
  const position = error.sqlState === '42601' && error.position !== null ? `\n  Position: ${error.position}` : '';
  return `ERROR: ${error.message}${detail}${hint}${position}`;
}
