import type { RedshiftDataClient, SubStatementData } from '@aws-sdk/client-redshift-data';
import { BOUNDS } from '../core/bounds.ts';
import type { Bounds } from '../core/bounds.ts';
import { IngestError } from '../core/errors.ts';
import type { Clock, Random, Row, StatementResult, Warehouse, WarehouseSession } from '../core/ports.ts';
import { DataApiCalls } from './data-api-calls.ts';
import type { TargetFields, WarehouseTarget } from './data-api-target.ts';
import { targetFields } from './data-api-target.ts';
import { pageRows } from './data-api-values.ts';
import { statementErrorCode } from './recognise-error.ts';
import { ingestError } from './ingest-error.ts';

/** How long an idle session keeps its temporary tables: longer than any pause within a load. */
const KEEP_ALIVE_SECONDS = 900;
/** A session that was idle for nearly that long is replaced: opening one costs less than a failed call. */
const TRUST_IDLE_MS = (KEEP_ALIVE_SECONDS - 60) * 1000;
/** Every session ends after 24 h (Redshift docs, "Data API sessions"). */
const TRUST_AGE_MS = 22 * 3_600_000;

/** DescribeStatement has 100 calls a second for the whole account (Redshift management guide, "Quotas"). */
const SHORTEST_POLL_MS = 500;

/** Redshift behind the `Warehouse` port: the Data API, one transaction per call, long polls instead of polling. */
export function createRedshiftWarehouse(parts: {
  readonly client: RedshiftDataClient;
  readonly target: WarehouseTarget;
  readonly clock: Clock;
  readonly random: Random;
  readonly bounds?: Bounds;
}): Warehouse {
  const calls = new DataApiCalls({ bounds: BOUNDS, ...parts });
  const target = targetFields(parts.target);
  return {
    openSession: (begin = []) => new RedshiftSession({ calls, target, clock: parts.clock, begin }),
    roundTrips: () => calls.made,
  };
}

type Open = { readonly id: string; readonly openedAtMs: number; usedAtMs: number };

class RedshiftSession implements WarehouseSession {
  readonly #calls: DataApiCalls;
  readonly #target: TargetFields;
  readonly #clock: Clock;
  readonly #begin: readonly string[];
  #open: Open | null = null;

  constructor(parts: { calls: DataApiCalls; target: TargetFields; clock: Clock; begin: readonly string[] }) {
    this.#calls = parts.calls;
    this.#target = parts.target;
    this.#clock = parts.clock;
    this.#begin = parts.begin;
  }

  reset(): void {
    this.#open = null;
  }

  async transaction(input: Parameters<WarehouseSession['transaction']>[0]): Promise<readonly StatementResult[]> {
    const { name, token, statements, isLasting, signal } = input;
    const sessionId = this.#trustedSession();
    const begin = sessionId === null ? this.#begin : [];
    const submitted = await this.#calls.submit(
      {
        ...(sessionId === null ? this.#target : { SessionId: sessionId }),
        Sqls: [...begin, ...statements],
        ExecutionMode: 'TRANSACTION',
        StatementName: name,
        ClientToken: token,
        SessionKeepAliveSeconds: KEEP_ALIVE_SECONDS,
      },
      { isLasting, signal },
    );
    const id = submitted.Id ?? '';
    const results = await this.#waitForEnd(id, name, { isLasting, signal });
    const nowMs = this.#clock.nowMs();
    const known = this.#open?.id === submitted.SessionId ? this.#open : null;
    this.#open =
      submitted.SessionId === undefined
        ? null
        : { id: submitted.SessionId, openedAtMs: known?.openedAtMs ?? nowMs, usedAtMs: nowMs };
    return results.slice(begin.length);
  }

  async rows(statement: StatementResult, signal: AbortSignal): Promise<readonly Row[]> {
    if (!statement.hasResultSet || statement.resultRows === 0) return [];
    const rows: Row[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.#calls.resultPage(statement.id, nextToken, signal);
      rows.push(...pageRows(page.ColumnMetadata ?? [], page.Records ?? []));
      nextToken = page.NextToken;
    } while (nextToken !== undefined);
    return rows;
  }

  #trustedSession(): string | null {
    const nowMs = this.#clock.nowMs();
    const open = this.#open;
    if (open === null) return null;
    if (nowMs - open.usedAtMs > TRUST_IDLE_MS || nowMs - open.openedAtMs > TRUST_AGE_MS) {
      // The temporary tables may be gone; a transaction that needs them then fails in the new session.
      this.#open = null;
      return null;
    }
    return open.id;
  }

  async #waitForEnd(
    id: string,
    name: string,
    asked: { isLasting: boolean; signal: AbortSignal },
  ): Promise<readonly StatementResult[]> {
    try {
      for (;;) {
        const askedAtMs = this.#clock.nowMs();
        const state = await this.#calls.describe(id, name, asked);
        if (state.Status === 'FINISHED') return (state.SubStatements ?? []).map(statementResult);
        if (state.Status === 'FAILED' || state.Status === 'ABORTED') {
          throw statementError({ id, name, error: state.Error, subStatements: state.SubStatements ?? [] });
        }
        // If the long poll is not honoured, polling at once would use up the account's quota.
        const restMs = askedAtMs + SHORTEST_POLL_MS - this.#clock.nowMs();
        if (restMs > 0) await this.#clock.sleep(restMs, asked.signal);
      }
    } catch (error) {
      if (asked.signal.aborted) {
        await this.#calls.cancel(id);
        throw new IngestError('aborted', `"${name}" was cancelled.`, { seen: { statementId: id }, cause: error });
      }
      throw error;
    }
  }
}

function statementResult(sub: SubStatementData): StatementResult {
  const queryId = sub.RedshiftQueryId ?? 0;
  return {
    id: sub.Id ?? '',
    // 0 and -1 stand for "none" (statements that only the leader node ran).
    queryId: queryId > 0 ? queryId : null,
    // Nanoseconds (Redshift Data API, "SubStatementData"); -1 stands for "not known".
    durationMs: Math.max(0, (sub.Duration ?? 0) / 1e6),
    resultRows: sub.ResultRows ?? -1,
    hasResultSet: sub.HasResultSet ?? false,
  };
}

/**
 * The error of a failed batch: that of the failed statement, because later statements only say that another one failed. Without a
 * connection only the parent has the error.
 */
function statementError(failed: {
  id: string;
  name: string;
  error: string | undefined;
  subStatements: readonly SubStatementData[];
}): IngestError {
  const sub = failed.subStatements.find((statement) => statement.Status === 'FAILED');
  const text = sub?.Error ?? failed.error ?? 'no reason was given';
  const seen = { statementId: sub?.Id ?? failed.id, queryId: sub?.RedshiftQueryId ?? null };
  return ingestError(statementErrorCode(text), `"${failed.name}"`, text, { seen });
}
