import type { Warehouse, WarehouseSession } from '../core/ports.ts';

/**
 * Sessions that loads take and give back: opening one costs a connection, and a session runs one transaction at a time.
 * One that met an error is not given back: what it still holds is unknown.
 */
export class SessionPool {
  readonly #warehouse: Warehouse;
  readonly #idle: WarehouseSession[] = [];

  constructor(warehouse: Warehouse) {
    this.#warehouse = warehouse;
  }

  take(): WarehouseSession {
    return this.#idle.pop() ?? this.#warehouse.openSession();
  }

  giveBack(session: WarehouseSession): void {
    this.#idle.push(session);
  }
}
