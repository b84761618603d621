import type { DatabaseSync } from 'node:sqlite';

export type Transactions = {
  /** Runs `act` as one transaction of the SQLite file; may be nested. */
  readonly run: <Result>(act: () => Result) => Result;
  /** What brings the memory back to what is on disk when the open transaction fails. */
  readonly onRollback: (undo: () => void) => void;
};

/** Transactions of the file, and of what the library holds in memory beside it. */
export function transactionsOf(database: DatabaseSync): Transactions {
  const undos: (() => void)[] = [];
  return {
    run(act) {
      const isOuter = !database.isTransaction;
      const before = undos.length;
      database.exec('savepoint step');
      try {
        const result = act();
        database.exec('release step');
        if (isOuter) undos.length = 0;
        return result;
      } catch (error) {
        for (const undo of undos.splice(before).reverse()) undo();
        // With a full disk, SQLite has rolled back already.
        if (database.isTransaction) database.exec(isOuter ? 'rollback' : 'rollback to step; release step');
        throw error;
      }
    },
    onRollback(undo) {
      if (database.isTransaction) undos.push(undo);
    },
  };
}
