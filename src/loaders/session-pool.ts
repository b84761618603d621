import type { Warehouse, WarehouseSession } from '../core/ports.ts';
import { quoteSchema } from '../core/sql/sql-literal.ts';

/** Bounds LOCK and statements that wait for a lock: Redshift has no lock_timeout. */
const STATEMENT_TIMEOUT_MS = 15 * 60_000;

/**
 * Sessions that loads reuse: opening one costs a connection, and a session runs one transaction at a time. A session with an error
 * is not reused, because its state is unknown.
 */
export class SessionPool {
  readonly #warehouse: Warehouse;
  readonly #begin: readonly string[];
  readonly #idle: WarehouseSession[] = [];

  /** @param schema where the tables are. */
  constructor(warehouse: Warehouse, schema: string) {
    this.#warehouse = warehouse;
    this.#begin = [
      `set search_path to ${quoteSchema(schema)}`,
      // Lets an administrator route and monitor loads (Redshift docs, "query_group").
      "set query_group to 'sparkify'",
      // getdate() uses the time zone of the session.
      "set timezone to 'UTC'",
      `set statement_timeout to ${STATEMENT_TIMEOUT_MS}`,
    ];
  }

  take(): WarehouseSession {
    return this.#idle.pop() ?? this.#warehouse.openSession(this.#begin);
  }

  giveBack(session: WarehouseSession): void {
    this.#idle.push(session);
  }
}
