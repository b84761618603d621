import type { Warehouse, WarehouseSession } from './ports.ts';

export type RunTransaction = WarehouseSession['transaction'];
export type TransactionInput = Parameters<RunTransaction>[0];

/**
 * The same warehouse, with something in front of every transaction of every session.
 *
 * @param around runs the transaction, as it is or changed, or does otherwise.
 */
export function aroundTransactions(
  warehouse: Warehouse,
  around: (input: TransactionInput, run: RunTransaction) => ReturnType<RunTransaction>,
): Warehouse {
  return {
    roundTrips: () => warehouse.roundTrips(),
    openSession: (begin) => {
      const session = warehouse.openSession(begin);
      return {
        reset: () => session.reset(),
        rows: async (statement, signal) => await session.rows(statement, signal),
        transaction: async (input) => await around(input, async (altered) => await session.transaction(altered)),
      };
    },
  };
}

/** The part of a load that a transaction is: `know`, `stage`, `publish` … */
export function stageOf({ name }: Pick<TransactionInput, 'name'>): string {
  return name.split(' ')[1] ?? '';
}
