import { randomUUID } from 'node:crypto';
import type { SessionStatusString } from '@aws-sdk/client-redshift-data';
import type { Engine } from '../engine/session.ts';
import { RedshiftSession } from '../engine/session.ts';
import { unconfirmed } from './unconfirmed.ts';
import { ApiError, invalid } from './api-error.ts';
import { limits } from './read-input.ts';

/** A kept-alive session of the Data API: at most one statement at a time, closed after `aliveSeconds` of idleness. */
export type KeptSession = {
  readonly id: string;
  readonly database: string;
  readonly dbUser: string;
  readonly createdAtMs: number;
  updatedAtMs: number;
  aliveSeconds: number;
  status: SessionStatusString;
  currentStatementId: string | null;
  /** Opened by its first statement. */
  connection: RedshiftSession | null;
};

/** Kept-alive sessions: begin, reuse, expire. Redshift ends them after 24 hours at the latest. */
export class Sessions {
  readonly #engine: Engine;
  readonly #sessions = new Map<string, KeptSession>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Makes a session that is busy with its first statement. */
  create(input: { database: string; dbUser: string; aliveSeconds: number; statementId: string }): KeptSession {
    this.#forgetOld();
    const open = [...this.#sessions.values()].filter((session) => session.status !== 'CLOSED').length;
    if (open >= limits.sessions) {
      throw new ApiError(
        'ActiveSessionsExceededException',
        `The maximum number of active sessions (${limits.sessions}) was reached.`,
      );
    }
    const nowMs = Date.now();
    const session: KeptSession = {
      id: randomUUID(),
      database: input.database,
      dbUser: input.dbUser,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
      aliveSeconds: input.aliveSeconds,
      status: 'BUSY',
      currentStatementId: input.statementId,
      connection: null,
    };
    this.#sessions.set(session.id, session);
    return session;
  }

  /**
   * Takes a session for a statement.
   *
   * @throws ApiError when the session never existed, is closed, or is busy: statements of a session do not queue.
   */
  take(id: string, statementId: string, aliveSeconds: number | undefined): KeptSession {
    const session = this.#sessions.get(id);
    if (session === undefined) throw invalid(unconfirmed.sessionUnknownMessage(id));
    if (session.connection?.lost === true) this.#close(session);
    if (session.status === 'CLOSED') throw invalid(unconfirmed.sessionClosedMessage);
    if (session.status === 'BUSY') throw invalid(unconfirmed.sessionBusyMessage(id));
    clearTimeout(this.#timers.get(id));
    session.status = 'BUSY';
    session.updatedAtMs = Date.now();
    session.currentStatementId = statementId;
    if (aliveSeconds !== undefined) session.aliveSeconds = aliveSeconds;
    return session;
  }

  /** The connection of a session taken for a statement. */
  async connect(session: KeptSession): Promise<RedshiftSession> {
    session.connection ??= await RedshiftSession.open(this.#engine, session.dbUser);
    return session.connection;
  }

  /** Gives a session back after its statement; from now on it may stay idle for `aliveSeconds`. */
  release(session: KeptSession): void {
    if (session.status === 'CLOSED') return;
    const nowMs = Date.now();
    session.updatedAtMs = nowMs;
    session.currentStatementId = null;
    if (session.connection === null || session.connection.lost) {
      this.#close(session);
      return;
    }
    session.status = 'AVAILABLE';
    const leftMs = session.createdAtMs + limits.sessionLifeSeconds * 1000 - nowMs;
    const timer = setTimeout(() => this.#close(session), Math.min(session.aliveSeconds * 1000, leftMs));
    timer.unref();
    this.#timers.set(session.id, timer);
  }

  list(): readonly KeptSession[] {
    this.#forgetOld();
    return [...this.#sessions.values()];
  }

  /** Ends all: the cluster pauses, or the stand-in stops. */
  async closeAll(): Promise<void> {
    const open = [...this.#sessions.values()].flatMap((session) => session.connection ?? []);
    for (const session of this.#sessions.values()) this.#close(session);
    await Promise.all(open.map(async (connection) => await connection.close()));
  }

  #close(session: KeptSession): void {
    clearTimeout(this.#timers.get(session.id));
    this.#timers.delete(session.id);
    session.status = 'CLOSED';
    session.updatedAtMs = Date.now();
    session.currentStatementId = null;
    void session.connection?.close();
    session.connection = null;
  }

  #forgetOld(): void {
    const oldest = Date.now() - limits.retentionMs;
    for (const session of this.#sessions.values()) {
      if (session.status === 'CLOSED' && session.updatedAtMs < oldest) this.#sessions.delete(session.id);
    }
  }
}
