import type { Pool } from 'pg';
import type { CopyStatement } from '../parse/copy-statement.ts';
import type { CopyTarget } from './describe-target.ts';
import type { FieldError } from '../convert/field-error.ts';
import type { OpenSource } from '../read/open-source.ts';
import { s3Url } from '../parse/s3-location.ts';
import type { JsonPiece } from '../read/split-json.ts';
import { isKept } from '../../rules/rules.ts';
import { unconfirmed } from '../convert/unconfirmed.ts';

/** Who runs the COPY, as the views name it. */
export type LoadIdentity = {
  readonly queryId: number;
  readonly transactionId: number;
  readonly sessionId: number;
  readonly database: string;
};

/**
 * The id of a query in the SYS views. The Data API and the STL views have another (Redshift docs, STL_QUERY, "Important"): SYS views are
 * asked by session and time.
 */
function sysQueryId(queryId: number): number {
  return isKept('ids.sys-views') ? queryId + SYS_IDS_FROM : queryId;
}

const SYS_IDS_FROM = 1_000_000_000;

export type LoadTotals = {
  readonly rows: number;
  readonly bytes: number;
  readonly errors: number;
  readonly files: number;
};

export type ScannedFile = {
  readonly source: OpenSource;
  readonly lines: number;
  readonly errors: number;
  readonly startedAt: Date;
};

/**
 * Fills the load views over a separate connection, so that the rows stay when the COPY's transaction is rolled back:
 * a row there does not prove a commit (Redshift docs, SYS_LOAD_DETAIL).
 */
export class LoadLog {
  readonly #pool: Pool;
  readonly #identity: LoadIdentity;
  readonly #target: CopyTarget;
  readonly #startedAt = new Date();
  #errors: ErrorRow[] = [];

  constructor(pool: Pool, identity: LoadIdentity, target: CopyTarget) {
    this.#pool = pool;
    this.#identity = identity;
    this.#target = target;
  }

  async start(statement: CopyStatement): Promise<void> {
    const { queryId, transactionId, sessionId, database } = this.#identity;
    await this.#pool.query(
      `insert into redshift_compat.sys_load_history
         (user_id, query_id, transaction_id, session_id, database_name, status, table_name, start_time, data_source,
          file_format, loaded_rows, loaded_bytes, error_count, copy_job_id)
       values (100, $1, $2, $3, $4, 'running', $5, $6, $7, 'json', 0, 0, 0, -1)`,
      [
        sysQueryId(queryId),
        ...[transactionId, sessionId, database, this.#target.table, utc(this.#startedAt), s3Url(statement.source)],
      ],
    );
  }

  /** Keeps one refused row or document; writes when a few hundred are waiting. */
  async refuse(file: string, piece: JsonPiece, error: FieldError): Promise<void> {
    this.#errors.push(this.#errorRow(file, piece, error));
    if (this.#errors.length >= 500) await this.#writeErrors();
  }

  /** Writes the errors, the files and the history line of the load, whether it succeeded or failed. */
  async end(status: 'completed' | 'aborted', totals: LoadTotals, files: readonly ScannedFile[]): Promise<void> {
    await this.#writeErrors();
    await this.#writeFiles(status, files);
    const scannedBytes = files.reduce((sum, file) => sum + file.source.bytes, 0);
    const endedAt = new Date();
    await this.#pool.query(
      `update redshift_compat.sys_load_history
       set status = $2, end_time = $3, duration = $4, loaded_rows = $5, loaded_bytes = $6, error_count = $7,
           source_file_count = $8, file_count_scanned = $9, source_file_bytes = $10, file_bytes_scanned = $10
       where query_id = $1 and status = 'running'`,
      [
        sysQueryId(this.#identity.queryId),
        status,
        utc(endedAt),
        (endedAt.getTime() - this.#startedAt.getTime()) * 1000,
        status === 'completed' ? totals.rows : 0,
        status === 'completed' ? totals.bytes : 0,
        totals.errors,
        totals.files,
        files.length,
        scannedBytes,
      ],
    );
  }

  async #writeErrors(): Promise<void> {
    const errors = this.#errors;
    this.#errors = [];
    if (errors.length === 0) return;
    const { queryId, transactionId, sessionId, database } = this.#identity;
    const constants = [
      JSON.stringify(errors),
      queryId,
      transactionId,
      sessionId,
      database,
      this.#target.oid,
      utc(this.#startedAt),
      sysQueryId(queryId),
    ];
    await this.#pool.query(writeErrorsSql, constants);
  }

  #errorRow(file: string, piece: JsonPiece, error: FieldError): ErrorRow {
    const column = error.column === null ? undefined : this.#target.columns[error.column];
    const length = column === undefined || column.length === 0 ? '0' : String(column.length);
    return {
      file: fileName(file),
      line: piece.lineNumber,
      column: column?.name ?? '',
      type: column?.type ?? '',
      length: column?.type === 'numeric' ? `${column.length}, ${column.scale}` : length,
      position: error.position,
      raw_line: cut(piece.bytes.toString('latin1', 0, 1024), 1024),
      raw_value: cut(error.value, 1024),
      code: error.code,
      reason: error.message,
      start_offset: piece.startOffset,
    };
  }

  async #writeFiles(status: 'completed' | 'aborted', files: readonly ScannedFile[]): Promise<void> {
    if (files.length === 0) return;
    const rows = files.map(({ source, lines, errors, startedAt }) => ({
      file: fileName(s3Url(source.location)),
      bytes: source.bytes,
      lines,
      errors,
      started: utc(startedAt),
      etag: source.etag,
      modified: source.lastModified === null ? null : utc(source.lastModified),
    }));
    const { queryId } = this.#identity;
    await this.#pool.query(writeFilesSql, [JSON.stringify(rows), queryId, status === 'completed', sysQueryId(queryId)]);
  }
}

type ErrorRow = {
  file: string;
  line: number;
  column: string;
  type: string;
  length: string;
  position: number;
  raw_line: string;
  raw_value: string;
  code: number;
  reason: string;
  start_offset: number;
};

const writeErrorsSql = `
  with refused as (
    select * from json_to_recordset($1::json) as r (file text, line int8, "column" text, type text, length text,
      position int4, raw_line text, raw_value text, code int4, reason text, start_offset int8)
  ), stl as (
    insert into redshift_compat.stl_load_errors
    select 100, 0, $6::int4, $7::timestamp, $4::int4, $2::int8::int4, file, line, "column", type, left(length, 10), position,
           raw_line, raw_value, code, left(reason, 100), 0, start_offset, -1
    from refused
  )
  insert into redshift_compat.sys_load_error_detail
  select 100, $8::int8, $3::int8, $4::int4, $5::text, $6::int4, $7::timestamp, file, line, "column", type, left(length, 10),
         position, code, left(reason, 512)
  from refused`;

const writeFilesSql = `
  with scanned as (
    select * from json_to_recordset($1::json) as f (file text, bytes int8, lines int8, errors int4, started timestamp,
      etag text, modified timestamp)
  ), commits as (
    insert into redshift_compat.stl_load_commits
    select 100, $2::int8::int4, 0, '', file, 0, lines, errors, clock_timestamp() at time zone 'utc', 1, 'JSON', 0, 0, -1
    from scanned where $3::bool
  )
  insert into redshift_compat.sys_load_detail
  select 100, $4::int8, file, bytes, lines, clock_timestamp() at time zone 'utc', 1, started,
         clock_timestamp() at time zone 'utc', etag, modified
  from scanned`;

/** CHAR(256): bytes, the last character whole. */
function fileName(url: string): string {
  const text = unconfirmed.multibyteFileName === 'points' ? cut(url, 256) : url;
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(256));
  return text.slice(0, read);
}

/** Single bytes only, as the views keep raw data: every other byte becomes a dot. */
function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/[^\u0020-\u007e]/g, '.');
}

function utc(date: Date): string {
  return date.toISOString().replace('T', ' ').replace('Z', '');
}
