import type { S3Client } from '@aws-sdk/client-s3';
import type { ColumnMetadata } from '@aws-sdk/client-redshift-data';
import type pg from 'pg';
import { parseCopy, runCopy } from '../copy/run-copy.ts';
import type { Translation } from '../dialect/translate.ts';
import { translate } from '../dialect/translate.ts';
import { RedshiftError } from '../errors/redshift-error.ts';
import type { Connection, Connections } from './connections.ts';
import { becomeUser, requireUser } from './database-users.ts';
import { describeColumn, findOrigins } from './column-metadata.ts';
import { explainFailure } from './explain-failure.ts';
import { requireSchemas } from './require-schemas.ts';
import type { RowSink } from './stream-rows.ts';
import type { GrownTables } from './analyze-grown.ts';
import { streamRows } from './stream-rows.ts';

/** What all sessions of the stand-in share. */
export type Engine = {
  /** To the prepared database, for sessions: see `sessionConnections`. */
  readonly connections: Connections;
  readonly grown: GrownTables;
  readonly database: string;
  /** The server is the stand-in's own: its users are roles there, and sessions run as them. */
  readonly isOwn: boolean;
  /** The stand-in's own connections: load logs, cancelling. Never inside a session's transaction. */
  readonly control: pg.Pool;
  readonly s3: S3Client;
  readonly clusterIdentifier: string;
  readonly attachedRoleArns: readonly string[];
};

export type StatementOutcome = {
  /** `null` when the statement has no result set (which is not the same as one without rows). */
  readonly columns: readonly ColumnMetadata[] | null;
  /** Rows returned or affected; 0 for statements that do neither. */
  readonly rows: number;
};

type PostgresTranslation = Extract<Translation, { kind: 'postgres' }>;
type Position = 'idle' | 'open' | 'aborted';

/**
 * One Redshift session over one PostgreSQL connection: at most one statement at a time, a transaction block that
 * outlives statements, temporary tables, settings.
 */
export class RedshiftSession {
  readonly #engine: Engine;
  readonly #connection: Connection;
  readonly #userName: string;
  readonly #lose = (): void => {
    this.#lost = true;
  };
  #position: Position = 'idle';
  #copyAbort: AbortController | null = null;
  #lost = false;

  /** Opens a session of a user. @throws RedshiftError when the database refuses the connection, or does not have the user. */
  static async open(engine: Engine, userName: string): Promise<RedshiftSession> {
    try {
      if (!engine.isOwn) await requireUser(engine.control, userName);
      const connection = await engine.connections.take();
      const session = new RedshiftSession(engine, connection, userName);
      if (engine.isOwn) await session.#becomeUser();
      return session;
    } catch (error) {
      throw await explainFailure(error, engine.control);
    }
  }

  private constructor(engine: Engine, connection: Connection, userName: string) {
    this.#engine = engine;
    this.#connection = connection;
    this.#userName = userName;
    connection.client.on('error', this.#lose);
    connection.client.on('end', this.#lose);
  }

  get pid(): number {
    return this.#connection.pid;
  }

  /** The connection is closed: the session cannot run anything any more. */
  get lost(): boolean {
    return this.#lost;
  }

  /**
   * Runs one statement of Redshift SQL.
   *
   * Outside a transaction block the statement commits, unless `autoCommit` is off: then it opens a transaction that
   * `commit` or `rollback` ends, as a JDBC driver with auto-commit off does.
   *
   * @throws RedshiftError; a single statement is rolled back, a transaction block stays aborted.
   */
  async run(sql: string, options: { queryId: number; autoCommit: boolean; onRow: RowSink }): Promise<StatementOutcome> {
    const alone = this.#position === 'idle' && options.autoCommit;
    try {
      const translation = translate(sql);
      if (translation.kind === 'transaction') return await this.#runTransactionCommand(translation.command);
      if (this.#position === 'aborted') throw abortedBlock();
      if (translation.kind === 'postgres' && translation.refusesTransactionBlock !== null) {
        if (!alone) throw new RedshiftError('25001', translation.refusesTransactionBlock);
        return await this.#runPostgres(translation, options.onRow);
      }
      if (this.#position === 'idle' && !(alone && isOneRead(translation))) await this.#begin();
      const outcome =
        translation.kind === 'copy'
          ? await this.#runCopy(sql, options.queryId)
          : await this.#runPostgres(translation, options.onRow);
      if (alone || (translation.kind === 'postgres' && translation.commitsTransaction)) await this.commit();
      return outcome;
    } catch (error) {
      const failure = await explainFailure(error, this.#engine.control);
      if (alone) await this.rollback();
      else if (this.#position === 'open') this.#position = 'aborted';
      throw failure;
    }
  }

  /** Commits the open transaction, or rolls it back when it is aborted, as PostgreSQL and Redshift do. */
  async commit(): Promise<void> {
    if (this.#position === 'aborted') await this.rollback();
    if (this.#position === 'idle') return;
    this.#position = 'idle';
    try {
      await this.#connection.client.query('commit');
    } catch (error) {
      throw await explainFailure(error, this.#engine.control);
    }
  }

  /** Never throws: a connection that cannot roll back is lost, and then the server rolls back. */
  async rollback(): Promise<void> {
    if (this.#position === 'idle') return;
    this.#position = 'idle';
    if (this.#lost) return;
    await this.#connection.client.query('rollback').catch(() => (this.#lost = true));
  }

  /** Asks the running statement to stop; it then fails with SQLSTATE 57014. Harmless when nothing runs. */
  async cancel(): Promise<void> {
    this.#copyAbort?.abort(new RedshiftError('57014', "Query cancelled on user's request"));
    await this.#engine.control.query('select pg_catalog.pg_cancel_backend($1)', [this.pid]);
  }

  /** Ends the connection from the server's side, in the middle of a statement too; that statement then fails. */
  async terminate(): Promise<void> {
    this.#copyAbort?.abort(new RedshiftError('57P01', terminated));
    await this.#engine.control.query('select pg_catalog.pg_terminate_backend($1)', [this.pid]);
  }

  /** Ends a session that runs nothing: open transactions are rolled back, and nothing of the session is left. */
  async release(): Promise<void> {
    await this.rollback();
    if (this.#lost) return;
    this.#lost = true;
    this.#connection.client.off('error', this.#lose).off('end', this.#lose);
    await this.#engine.connections.giveBack(this.#connection);
  }

  /** Closes the connection, also in the middle of a statement; that rolls back an open transaction and drops temporary tables. */
  async close(): Promise<void> {
    this.#lost = true;
    this.#copyAbort?.abort(new RedshiftError('57P01', terminated));
    await this.#connection.client.end().catch(() => undefined);
  }

  async #becomeUser(): Promise<void> {
    try {
      await becomeUser(this.#connection.client, this.#engine.control, this.#userName);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    // Redshift's SNAPSHOT isolation: the snapshot is taken by the first statement that reads or writes, not here.
    await this.#connection.client.query('begin isolation level repeatable read');
    this.#position = 'open';
  }

  /** BEGIN in a block and COMMIT outside one are warnings in Redshift, not errors. */
  async #runTransactionCommand(command: 'begin' | 'commit' | 'rollback'): Promise<StatementOutcome> {
    if (command === 'commit') await this.commit();
    else if (command === 'rollback') await this.rollback();
    else if (this.#position === 'aborted') throw abortedBlock();
    else if (this.#position === 'idle') await this.#begin();
    return withoutResult;
  }

  async #runPostgres(translation: PostgresTranslation, onRow: RowSink): Promise<StatementOutcome> {
    const statements = translation.sql;
    await requireSchemas(this.#connection.client, translation.requiresSchemas);
    if (translation.writesTo !== null) await this.#lockForWriting(translation.writesTo);
    for (const sql of statements.slice(0, -1)) await this.#connection.client.query(sql);
    const last = statements.at(-1);
    if (last === undefined) return withoutResult;
    const ignore: RowSink = () => undefined;
    const result = await streamRows(this.#connection.client, last, translation.returnsRows ? onRow : ignore);
    await this.#engine.grown.analyze(this.#connection.client, last, result.rowCount ?? 0);
    if (!translation.returnsRows)
      return { columns: null, rows: countsRows.has(translation.command) ? (result.rowCount ?? 0) : 0 };
    const origins = await findOrigins(this.#connection.client, result.fields);
    const columns = result.fields.map((field, index) => describeColumn(field, origins[index] ?? null));
    return { columns, rows: result.rowCount ?? 0 };
  }

  /**
   * Takes the lock that Redshift's UPDATE, DELETE and MERGE take until their transaction ends: one such writer per table at
   * a time, the others wait, and a statement that waited outside a transaction block sees what the first one committed
   * (Redshift docs, "Managing concurrent writes"). PostgreSQL locks rows only and would fail the second writer instead.
   */
  async #lockForWriting(table: string): Promise<void> {
    await this.#connection.client.query(`lock table ${table} in share row exclusive mode`);
  }

  async #runCopy(sql: string, queryId: number): Promise<StatementOutcome> {
    const statement = parseCopy(sql);
    const { rows } = await this.#connection.client.query<{ id: string }>(
      'select pg_catalog.pg_current_xact_id()::text as id',
    );
    this.#copyAbort = new AbortController();
    try {
      const { loadedRows } = await runCopy(statement, {
        client: this.#connection.client,
        log: this.#engine.control,
        s3: this.#engine.s3,
        queryId,
        transactionId: Number(rows[0]?.id ?? 0),
        sessionId: this.pid,
        database: this.#engine.database,
        userName: this.#userName,
        clusterIdentifier: this.#engine.clusterIdentifier,
        attachedRoleArns: this.#engine.attachedRoleArns,
        signal: this.#copyAbort.signal,
      });
      return { columns: null, rows: loadedRows };
    } finally {
      this.#copyAbort = null;
    }
  }
}

/** PostgreSQL runs one SELECT in a transaction of its own, with the isolation of the session. */
function isOneRead(translation: Translation): boolean {
  return (
    translation.kind === 'postgres' &&
    translation.command === 'select' &&
    translation.sql.length === 1 &&
    translation.requiresSchemas.length === 0
  );
}

const terminated = 'terminating connection due to administrator command';
const withoutResult: StatementOutcome = { columns: null, rows: 0 };

/** Statements whose row count the Data API reports; DDL and the like report 0. */
const countsRows: ReadonlySet<string> = new Set(['insert', 'update', 'delete', 'merge', 'create_table']);

function abortedBlock(): RedshiftError {
  return new RedshiftError('25P02', 'current transaction is aborted, commands ignored until end of transaction block');
}
