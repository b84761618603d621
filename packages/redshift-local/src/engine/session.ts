import type { S3Client } from '@aws-sdk/client-s3';
import type { ColumnMetadata } from '@aws-sdk/client-redshift-data';
import pg from 'pg';
import { parseCopy, runCopy } from '../copy/run-copy.ts';
import type { Translation } from '../dialect/translate.ts';
import { translate } from '../dialect/translate.ts';
import { RedshiftError } from '../errors/redshift-error.ts';
import { describeColumn, findOrigins } from './column-metadata.ts';
import { explainFailure } from './explain-failure.ts';
import { requireSchemas } from './require-schemas.ts';
import type { RowSink } from './stream-rows.ts';
import { analyzeGrown } from './analyze-grown.ts';
import { streamRows } from './stream-rows.ts';
import { lockForWriting } from './write-lock.ts';

/** What all sessions of the stand-in share. */
export type Engine = {
  /** URL of the prepared database. */
  readonly databaseUrl: string;
  readonly database: string;
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
  readonly pid: number;
  readonly #engine: Engine;
  readonly #client: pg.Client;
  readonly #userName: string;
  #position: Position = 'idle';
  #copyAbort: AbortController | null = null;
  #lost = false;

  /** @throws RedshiftError when the database refuses the connection. */
  static async open(engine: Engine, userName: string): Promise<RedshiftSession> {
    const client = new pg.Client({ connectionString: engine.databaseUrl, options: sessionOptions, keepAlive: true });
    try {
      await client.connect();
      const { rows } = await client.query<{ pid: number }>('select pg_catalog.pg_backend_pid() as pid');
      return new RedshiftSession(engine, client, userName, rows[0]?.pid ?? 0);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw await explainFailure(error, engine.control);
    }
  }

  private constructor(engine: Engine, client: pg.Client, userName: string, pid: number) {
    this.#engine = engine;
    this.#client = client;
    this.#userName = userName;
    this.pid = pid;
    // Without a listener, a server that stops would end this process.
    client.on('error', () => (this.#lost = true));
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
      if (this.#position === 'idle') await this.#begin();
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
      await this.#client.query('commit');
    } catch (error) {
      throw await explainFailure(error, this.#engine.control);
    }
  }

  /** Never throws: a connection that cannot roll back is lost, and then the server rolls back. */
  async rollback(): Promise<void> {
    if (this.#position === 'idle') return;
    this.#position = 'idle';
    if (this.#lost) return;
    await this.#client.query('rollback').catch(() => (this.#lost = true));
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

  /** Closes the connection, which rolls back an open transaction and drops temporary tables. */
  async close(): Promise<void> {
    this.#lost = true;
    this.#copyAbort?.abort(new RedshiftError('57P01', terminated));
    await this.#client.end().catch(() => undefined);
  }

  async #begin(): Promise<void> {
    // Redshift's SNAPSHOT isolation: the snapshot is taken by the first statement that reads or writes, not here.
    await this.#client.query('begin isolation level repeatable read');
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
    await requireSchemas(this.#client, translation.requiresSchemas);
    for (const sql of statements.slice(0, -1)) await this.#client.query(sql);
    const last = statements.at(-1);
    if (last === undefined) return withoutResult;
    if (writesExclusively.has(translation.command)) await lockForWriting(this.#client, last);
    const ignore: RowSink = () => undefined;
    const result = await streamRows(this.#client, last, translation.returnsRows ? onRow : ignore);
    await analyzeGrown(this.#client, last, result.rowCount ?? 0);
    if (!translation.returnsRows)
      return { columns: null, rows: countsRows.has(translation.command) ? (result.rowCount ?? 0) : 0 };
    const origins = await findOrigins(this.#client, result.fields);
    const columns = result.fields.map((field, index) => describeColumn(field, origins[index] ?? null));
    return { columns, rows: result.rowCount ?? 0 };
  }

  async #runCopy(sql: string, queryId: number): Promise<StatementOutcome> {
    const statement = parseCopy(sql);
    const { rows } = await this.#client.query<{ id: string }>('select pg_catalog.pg_current_xact_id()::text as id');
    this.#copyAbort = new AbortController();
    try {
      const { loadedRows } = await runCopy(statement, {
        client: this.#client,
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

const terminated = 'terminating connection due to administrator command';
const withoutResult: StatementOutcome = { columns: null, rows: 0 };

/** Statements whose row count the Data API reports; DDL and the like report 0. */
const countsRows: ReadonlySet<string> = new Set(['insert', 'update', 'delete', 'merge', 'create_table']);

/** These lock the table until the transaction ends (Redshift docs, "Managing concurrent writes"). */
const writesExclusively: ReadonlySet<string> = new Set(['update', 'delete', 'merge']);

/**
 * The limits are Redshift's: a statement runs for at most 24 hours, a transaction may be idle for 6 (Redshift docs,
 * "Quotas and limits").
 */
const sessionOptions = [
  '-c search_path=public,redshift_compat',
  '-c default_transaction_isolation=repeatable\\ read',
  '-c TimeZone=UTC',
  '-c statement_timeout=86400000',
  '-c idle_in_transaction_session_timeout=21600000',
  '-c client_min_messages=error',
].join(' ');

function abortedBlock(): RedshiftError {
  return new RedshiftError('25P02', 'current transaction is aborted, commands ignored until end of transaction block');
}
