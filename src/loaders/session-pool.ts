import type { Warehouse, WarehouseSession } from '../core/ports.ts';
import { quoteSchema } from '../core/sql-literal.ts';

/** LOCK waits without a bound of its own, and so does every statement behind somebody's lock (Redshift has no lock_timeout). */
const STATEMENT_TIMEOUT_MS = 15 * 60_000;

/**
 * Sessions that loads take and give back: opening one costs a connection, and a session runs one transaction at a time.
 * One that met an error is not given back: what it still holds is unknown.
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
      // An administrator can route loads and see them (Redshift docs, "query_group").
      "set query_group to 'sparkify'",
      // getdate() is in the time zone of the session.
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
