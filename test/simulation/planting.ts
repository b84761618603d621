import type { Alter } from '../../simulation/service.ts';
import type { Batch, LoadOutcome } from '../../src/core/load.ts';
import { STEPS } from '../../simulation/model/statements.ts';
import type { Step } from '../../simulation/model/transaction.ts';
import type { ObjectStore, Queue } from '../../src/core/ports.ts';
import { aroundTransactions } from '../../src/core/around-transactions.ts';
import type { RunTransaction, TransactionInput } from '../../src/core/around-transactions.ts';

/** Wraps every transaction of every session. */
export function transactions(
  change: (input: TransactionInput, run: RunTransaction) => ReturnType<RunTransaction>,
): Alter {
  return { warehouse: (warehouse) => aroundTransactions(warehouse, change) };
}

/** The transactions lack the statements of this SQL file. */
export function without(path: string): Alter {
  return transactions(async (input, run) => {
    const statements = input.statements.filter((statement) => !statement.includes(`"${path}"`));
    return await run({ ...input, statements });
  });
}

export function queue(change: (queue: Queue) => Partial<Queue>): Alter {
  return {
    consumer: (dependencies) => {
      const { queue: port } = dependencies;
      const unchanged: Queue = {
        receive: async (input) => await port.receive(input),
        delete: async (...input) => await port.delete(...input),
        changeVisibility: async (...input) => await port.changeVisibility(...input),
        park: async (...input) => await port.park(...input),
      };
      return { ...dependencies, queue: { ...unchanged, ...change(port) } };
    },
  };
}

export function store(change: (port: ObjectStore) => Partial<ObjectStore>): Alter {
  return {
    store: (port) => ({
      put: async (input) => await port.put(input),
      remove: async (input) => await port.remove(input),
      open: async (input) => await port.open(input),
      probe: async (input) => await port.probe(input),
      list: (input) => port.list(input),
      ...change(port),
    }),
  };
}

/** The statement names no range there. */
export function withoutRanges(statement: string, name: string): string {
  const ranges = new RegExp(`"${name}":\\{"kind":"ranges","ranges":\\[[^\\]]*\\]\\}`);
  return statement.replace(ranges, `"${name}":{"kind":"ranges","ranges":[]}`);
}

/** An SQL file does this. `run`: what it should do. */
export function step(path: string, change: (run: Step) => Step): Alter {
  const run = STEPS[path];
  if (run === undefined) throw new Error(`The model does not know ${path}.`);
  return { steps: { [path]: change(run) } };
}

/** Files are of one age while the file runs. */
export function withoutAges(run: Step): Step {
  return (transaction, values) => {
    const { tables, temporary } = transaction;
    const objects = temporary.get('sparkify_objects');
    temporary.set(
      'sparkify_objects',
      objects.map((object) => ({ ...object, lastModifiedMs: 0 })),
    );
    const ageless = new Proxy(tables.ingest_objects, {
      get: (table, name) =>
        name === 'get'
          ? (id: string) => {
              const row = table.get(id);
              return row === undefined ? undefined : { ...row, lastModifiedMs: 0 };
            }
          : (Reflect.get(table, name, table) as unknown),
    });
    const rows = run({ ...transaction, tables: { ...tables, ingest_objects: ageless } }, values);
    temporary.set('sparkify_objects', objects);
    return rows;
  };
}

export function asIfLoaded(batch: Batch): LoadOutcome {
  return {
    batchId: batch.id,
    files: batch.files.map((file) => ({ file, status: 'loaded' as const, reason: null, lastModifiedMs: null })),
    released: [],
    counts: { staged: 0, rejected: 0, inserted: 0, updated: 0, repaired: 0, removed: 0 },
    stageMs: { read: 0, stage: 0, publish: 0 },
    roundTrips: 0,
    warehouseMs: 0,
    lockedMs: 0,
    liveConsumers: 1,
    committedAtMs: 0,
  };
}
