import type { LoadStage } from '../src/core/load.ts';
import type { Warehouse } from '../src/core/ports.ts';

const STAGES: readonly LoadStage[] = ['know', 'read', 'stage', 'publish'];

export type TimedWarehouse = Warehouse & {
  /** Milliseconds that transactions and reading their rows took since the last call, by stage of the load. */
  take(): Readonly<Record<LoadStage, number>>;
};

/**
 * Says how much of a load's stage is the warehouse; the rest is the service and S3. It goes by the word in the
 * transaction's name (`sparkify stage …`).
 */
export function timedWarehouse(warehouse: Warehouse): TimedWarehouse {
  let spent = nothing();
  return {
    roundTrips: () => warehouse.roundTrips(),
    take: () => {
      const taken = spent;
      spent = nothing();
      return taken;
    },
    openSession: (begin) => {
      const session = warehouse.openSession(begin);
      let current: LoadStage | null = null;
      const timed = async <T>(run: () => Promise<T>): Promise<T> => {
        const sinceMs = performance.now();
        try {
          return await run();
        } finally {
          if (current !== null) spent[current] += performance.now() - sinceMs;
        }
      };
      return {
        transaction: async (input) => {
          current = STAGES.find((stage) => input.name.startsWith(`sparkify ${stage} `)) ?? null;
          return await timed(async () => await session.transaction(input));
        },
        rows: async (statement, signal) => await timed(async () => await session.rows(statement, signal)),
        reset: () => session.reset(),
      };
    },
  };
}

function nothing(): Record<LoadStage, number> {
  return { know: 0, read: 0, stage: 0, publish: 0 };
}
