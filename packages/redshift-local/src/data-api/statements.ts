import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { ExecutionMode, ResultFormatString, SqlParameter } from '@aws-sdk/client-redshift-data';
import type { QueryIds } from '../engine/query-ids.ts';
import type { Engine } from '../engine/session.ts';
import { RedshiftSession } from '../engine/session.ts';
import { unconfirmed } from './unconfirmed.ts';
import { ApiError, invalid } from './api-error.ts';
import { limits } from './read-input.ts';
import type { ResultFiles } from './result-files.ts';
import type { Run } from './run-statement.ts';
import { failBeforeStart, runStatements } from './run-statement.ts';
import type { KeptSession, Sessions } from './sessions.ts';
import type { StatementRecord } from './statement-record.ts';
import { isFinal, newSubStatement } from './statement-record.ts';
import type { StatementStore } from './statement-store.ts';

/** A checked ExecuteStatement or BatchExecuteStatement call. */
export type Submission = {
  readonly batch: boolean;
  readonly sqls: readonly string[];
  readonly parameters: readonly SqlParameter[];
  readonly executionMode: ExecutionMode;
  readonly resultFormat: ResultFormatString;
  readonly name: string | null;
  readonly clientToken: string | null;
  readonly target: { clusterIdentifier: string; database: string; dbUser: string; secretArn: string | null };
  /** A session to use, or for how long to keep the one this statement opens. */
  readonly sessionId: string | undefined;
  readonly keepAliveSeconds: number | undefined;
};

type InFlight = {
  readonly record: StatementRecord;
  readonly ended: Promise<void>;
  session: RedshiftSession | null;
  cancelled: boolean;
  /** The cluster is gone: statements that have not begun must not begin. */
  broken: boolean;
  waiters: number;
};

/** Statements that run at once outside kept sessions; the others wait as SUBMITTED (WLM has 50 slots at most). */
const slots = 50;

const cancelAgainMs = 100;

/** Takes statements, runs each on its session, and lets callers wait for their end. */
export class Statements {
  readonly #engine: Engine;
  readonly #store: StatementStore;
  readonly #sessions: Sessions;
  readonly #files: ResultFiles;
  readonly #queryIds: QueryIds;
  readonly #log: (line: string) => void;
  readonly #inFlight = new Map<string, InFlight>();
  readonly #tokens = new Map<string, Promise<StatementRecord>>();
  readonly #queue: (() => void)[] = [];
  #running = 0;

  constructor(parts: {
    engine: Engine;
    store: StatementStore;
    sessions: Sessions;
    files: ResultFiles;
    queryIds: QueryIds;
    log: (line: string) => void;
  }) {
    this.#engine = parts.engine;
    this.#store = parts.store;
    this.#sessions = parts.sessions;
    this.#files = parts.files;
    this.#queryIds = parts.queryIds;
    this.#log = parts.log;
  }

  /**
   * Starts a statement, or finds the one that an earlier call with the same client token started.
   *
   * @throws ApiError for a session that cannot be used, too many active statements, a token used for other SQL.
   */
  async submit(submission: Submission): Promise<StatementRecord> {
    const token = submission.clientToken;
    if (token === null) return await this.#start(submission);
    // A replay may overtake the call it repeats: both then wait for the same start.
    const earlier = this.#tokens.get(token) ?? this.#store.findByToken(token, Date.now());
    const record = earlier.then(async (found) => found ?? (await this.#start(submission)));
    this.#tokens.set(token, record);
    try {
      const found = await record;
      const sameSql = isDeepStrictEqual(
        found.subs.map((sub) => sub.sql),
        submission.sqls,
      );
      if (!sameSql || !isDeepStrictEqual(found.parameters, submission.parameters))
        throw invalid(unconfirmed.tokenReusedMessage);
      return found;
    } finally {
      if (this.#tokens.get(token) === record) this.#tokens.delete(token);
    }
  }

  /**
   * Waits until the statement ended or the time is over, whichever comes first.
   *
   * @throws ApiError when too many already wait for this statement.
   */
  async wait(id: string, seconds: number | undefined, signal: AbortSignal): Promise<void> {
    const statement = this.#inFlight.get(id);
    if (statement === undefined || seconds === undefined) return;
    if (statement.waiters >= unconfirmed.maxWaitersPerStatement) {
      throw new ApiError('ActiveWaitingRequestsExceededException', `Too many requests wait for statement ${id}.`);
    }
    statement.waiters += 1;
    const { promise: over, resolve } = Promise.withResolvers<undefined>();
    const end = () => resolve(undefined);
    const timer = setTimeout(end, seconds * 1000);
    signal.addEventListener('abort', end, { once: true });
    try {
      await Promise.race([statement.ended, over]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      statement.waiters -= 1;
    }
  }

  /** @throws ApiError when the statement has already ended. */
  async cancel(record: StatementRecord): Promise<void> {
    const statement = this.#inFlight.get(record.id);
    if (statement === undefined || isFinal(record.status))
      throw invalid(unconfirmed.cancelFinishedMessage(record.status, record.id));
    statement.cancelled = true;
    await statement.session?.cancel();
    void this.#cancelUntilOver(statement);
  }

  /** PostgreSQL drops a cancel request that arrives between two statements of one run, so it is repeated. */
  async #cancelUntilOver(statement: InFlight): Promise<void> {
    try {
      while (this.#inFlight.has(statement.record.id)) {
        await Promise.race([statement.ended, pause(cancelAgainMs, undefined, { ref: false })]);
        await statement.session?.cancel();
      }
    } catch {
      // The server has stopped, and the statement with it.
    }
  }

  /** Ends every running statement, as a cluster that goes away does, and waits until each record shows it. */
  async breakAll(): Promise<void> {
    const all = [...this.#inFlight.values()];
    for (const statement of all) statement.broken = true;
    await Promise.all(all.map(async ({ session }) => await session?.terminate()));
    await Promise.all(all.map(async ({ ended }) => await ended));
  }

  async #start(submission: Submission): Promise<StatementRecord> {
    if (this.#inFlight.size >= limits.activeStatements) {
      throw new ApiError(
        'ActiveStatementsExceededException',
        `Active statements exceeded the allowed quota (${limits.activeStatements}).`,
      );
    }
    const id = randomUUID();
    const session = this.#sessionFor(submission, id);
    const record = newRecord(submission, id, session);
    try {
      await this.#store.add(record);
    } catch (error) {
      if (session !== null) this.#sessions.release(session);
      throw error;
    }
    const statement: InFlight = {
      record,
      session: null,
      cancelled: false,
      broken: false,
      waiters: 0,
      ended: Promise.resolve(),
    };
    const ended = Promise.resolve().then(async () => await this.#run(statement, session));
    this.#inFlight.set(id, Object.assign(statement, { ended }));
    return record;
  }

  #sessionFor(submission: Submission, statementId: string): KeptSession | null {
    const { sessionId, keepAliveSeconds } = submission;
    if (sessionId !== undefined) return this.#sessions.take(sessionId, statementId, keepAliveSeconds);
    if (keepAliveSeconds === undefined || keepAliveSeconds === 0) return null;
    const { database, dbUser } = submission.target;
    return this.#sessions.create({ database, dbUser, aliveSeconds: keepAliveSeconds, statementId });
  }

  async #run(statement: InFlight, kept: KeptSession | null): Promise<void> {
    const { record } = statement;
    const run: Run = { record, files: this.#files, queryIds: this.#queryIds, cancelled: () => statement.cancelled };
    if (kept === null) await this.#slot();
    let session: RedshiftSession | null = null;
    try {
      record.status = 'PICKED';
      if (kept?.connection == null) this.#requireDatabase(record);
      session =
        kept === null ? await RedshiftSession.open(this.#engine, record.dbUser) : await this.#sessions.connect(kept);
      statement.session = session;
      if (statement.broken) throw new Error('terminating connection due to administrator command');
      await runStatements(run, session);
    } catch (error) {
      failBeforeStart(run, error);
    }
    statement.session = null;
    // Frees the session before callers learn that the statement ended, because their next call may follow at once.
    if (kept !== null) this.#sessions.release(kept);
    // A cancellation may still be on its way, and must not meet the next session of the connection.
    else if (statement.cancelled || statement.broken) await session?.close();
    // Nothing waits for the clean-up: the transaction has ended, and the next statement takes another connection meanwhile.
    else void session?.release();
    if (kept === null) this.#freeSlot();
    try {
      await this.#store.finish(record);
    } catch (error) {
      // The disk is full, or the database has ended. The outcome stays in memory, where callers find it.
      this.#log(`redshift: the outcome of statement ${record.id} cannot be saved: ${String(error)}`);
    } finally {
      this.#inFlight.delete(record.id);
    }
  }

  #requireDatabase({ database }: StatementRecord): void {
    if (database !== this.#engine.database) throw new Error(`database "${database}" does not exist`);
  }

  async #slot(): Promise<void> {
    if (this.#running < slots) this.#running += 1;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
  }

  #freeSlot(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}

function newRecord(submission: Submission, id: string, session: KeptSession | null): StatementRecord {
  const nowMs = Date.now();
  const { target } = submission;
  return {
    id,
    batch: submission.batch,
    executionMode: submission.executionMode,
    name: submission.name,
    parameters: submission.parameters,
    clientToken: submission.clientToken,
    clusterIdentifier: target.clusterIdentifier,
    database: session?.database ?? target.database,
    dbUser: session?.dbUser ?? target.dbUser,
    secretArn: target.secretArn,
    resultFormat: submission.resultFormat,
    sessionId: session?.id ?? null,
    createdAtMs: nowMs,
    subs: submission.sqls.map((sql) => newSubStatement(sql, nowMs)),
    status: 'SUBMITTED',
    error: null,
    updatedAtMs: nowMs,
    durationNs: -1,
    pid: 0,
  };
}
