import type { StatementResult, Warehouse } from '../../core/ports.ts';

/** The same warehouse; `onEnded` gets the name and the results of every transaction that ended without an error. */
export function countedWarehouse(
  warehouse: Warehouse,
  onEnded: (name: string, results: readonly StatementResult[]) => void,
): Warehouse {
  return {
    roundTrips: () => warehouse.roundTrips(),
    openSession: (begin) => {
      const session = warehouse.openSession(begin);
      return {
        reset: () => session.reset(),
        rows: async (statement, signal) => await session.rows(statement, signal),
        transaction: async (input) => {
          const results = await session.transaction(input);
          onEnded(input.name, results);
          return results;
        },
      };
    },
  };
}
