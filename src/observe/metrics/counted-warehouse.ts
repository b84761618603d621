import type { StatementResult, Warehouse } from '../../core/ports.ts';
import { aroundTransactions } from '../../core/around-transactions.ts';

/** The same warehouse; `onEnded` gets the name and the results of every transaction that ended without an error. */
export function countedWarehouse(
  warehouse: Warehouse,
  onEnded: (name: string, results: readonly StatementResult[]) => void,
): Warehouse {
  return aroundTransactions(warehouse, async (input, run) => {
    const results = await run(input);
    onEnded(input.name, results);
    return results;
  });
}
