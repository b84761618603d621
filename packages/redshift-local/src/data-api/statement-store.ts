import type pg from 'pg';
import { unconfirmed } from './unconfirmed.ts';
import { limits } from './read-input.ts';
import type { StatementRecord } from './statement-record.ts';

export type StatementFilter = {
  readonly status: string | null;
  readonly namePrefix: string | null;
  readonly database: string | null;
  /** Records older than this one (exclusive), for paging. */
  readonly before: { readonly createdAtMs: number; readonly id: string } | null;
  readonly max: number;
};

/** Finished statements kept in memory: a caller describes a statement soon after it ended, or never. */
const remembered = 500;

/**
 * The statements of the last 24 hours. Kept in the database, because callers and client tokens
 * may come back after a restart. Running statements are also in memory, where they change.
 */
export class StatementStore {
  readonly #control: pg.Pool;
  readonly #recent = new Map<string, StatementRecord>();
  /** Oldest first. Every call of an SDK has a token, and only a repeated call finds one: no query for each. */
  readonly #tokens = new Map<string, { readonly id: string; readonly createdAtMs: number }>();

  constructor(control: pg.Pool) {
    this.#control = control;
  }

  async add(record: StatementRecord): Promise<void> {
    await this.#control.query(
      `insert into redshift_local.statements
         (id, created_at_ms, updated_at_ms, status, statement_name, database_name, client_token, record)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        record.id,
        record.createdAtMs,
        record.updatedAtMs,
        record.status,
        record.name,
        record.database,
        record.clientToken,
        JSON.stringify(record),
      ],
    );
    // A call whose record could not be saved has failed, and its repetition is another start.
    this.#recent.set(record.id, record);
    const { clientToken, createdAtMs, id } = record;
    if (clientToken !== null) {
      this.#tokens.delete(clientToken);
      this.#tokens.set(clientToken, { id, createdAtMs });
    }
  }

  /** Saves a record that has come to its end. */
  async finish(record: StatementRecord): Promise<void> {
    await this.#control.query(
      'update redshift_local.statements set updated_at_ms = $2, status = $3, record = $4 where id = $1',
      [record.id, record.updatedAtMs, record.status, JSON.stringify(record)],
    );
    this.#recent.delete(record.id);
    this.#recent.set(record.id, record);
    for (const [id, { status }] of this.#recent) {
      if (this.#recent.size <= remembered) break;
      if (status === 'FINISHED' || status === 'FAILED' || status === 'ABORTED') this.#recent.delete(id);
    }
  }

  async find(id: string, nowMs: number): Promise<StatementRecord | null> {
    const record = this.#recent.get(id) ?? (await this.#saved(id));
    return record !== null && record.createdAtMs > nowMs - limits.retentionMs ? record : null;
  }

  /** The call that used this token within the last 8 hours. */
  async findByToken(token: string, nowMs: number): Promise<StatementRecord | null> {
    const used = this.#tokens.get(token);
    return used === undefined || used.createdAtMs <= nowMs - limits.tokenMemoryMs
      ? null
      : await this.find(used.id, nowMs);
  }

  /** Newest first. */
  async list(filter: StatementFilter, nowMs: number): Promise<readonly StatementRecord[]> {
    const { rows } = await this.#control.query<{ id: string; record: string }>(
      `select id, record from redshift_local.statements
       where created_at_ms > $1
         and ($2::text is null or status = $2)
         and ($3::text is null or starts_with(statement_name, $3))
         and ($4::text is null or database_name = $4)
         and ($5::bigint is null or (created_at_ms, id) < ($5, $6))
       order by created_at_ms desc, id desc
       limit $7`,
      [
        nowMs - limits.retentionMs,
        filter.status,
        filter.namePrefix,
        filter.database,
        filter.before?.createdAtMs ?? null,
        filter.before?.id ?? null,
        filter.max,
      ],
    );
    return rows.map(({ id, record }) => this.#recent.get(id) ?? parse(record));
  }

  /**
   * Called once, before any statement runs: statements that ran when the last process ended can no longer finish. Their
   * transaction was rolled back, or committed without an answer; as in Redshift, the error is a lost connection.
   */
  async recover(nowMs: number): Promise<void> {
    const tokens = await this.#control.query<{ token: string; id: string; createdAtMs: string }>(
      `select client_token as token, id, created_at_ms as "createdAtMs" from redshift_local.statements
       where client_token is not null and created_at_ms > $1 order by created_at_ms`,
      [nowMs - limits.tokenMemoryMs],
    );
    for (const { token, id, createdAtMs } of tokens.rows)
      this.#tokens.set(token, { id, createdAtMs: Number(createdAtMs) });
    const { rows } = await this.#control.query<{ record: string }>(
      "select record from redshift_local.statements where status not in ('FINISHED', 'FAILED', 'ABORTED')",
    );
    for (const record of rows.map((row) => parse(row.record))) {
      record.status = 'FAILED';
      record.error = unconfirmed.interruptedMessage;
      record.updatedAtMs = nowMs;
      for (const sub of record.subs) sub.status = 'ABORTED';
      await this.finish(record);
    }
  }

  /** Forgets statements older than 24 hours. */
  async removeOld(nowMs: number): Promise<void> {
    const oldest = nowMs - limits.retentionMs;
    for (const [token, { createdAtMs }] of this.#tokens) {
      if (createdAtMs > nowMs - limits.tokenMemoryMs) break;
      this.#tokens.delete(token);
    }
    await this.#control.query('delete from redshift_local.statements where created_at_ms <= $1', [oldest]);
  }

  async #saved(id: string): Promise<StatementRecord | null> {
    const { rows } = await this.#control.query<{ record: string }>(
      'select record from redshift_local.statements where id = $1',
      [id],
    );
    const record = rows[0]?.record;
    return record === undefined ? null : parse(record);
  }
}

const parse = (record: string) => JSON.parse(record) as StatementRecord;
