import type { Warehouse } from '../src/core/ports.ts';

/** `know`: a backfill asks the ledger which files it lacks. */
const STAGES = ['know', 'stage', 'publish'] as const;

export type TimedStage = (typeof STAGES)[number];

export type TimedWarehouse = Warehouse & {
  /** Milliseconds that transactions and reading their rows took since the last call, by stage. */
  take(): Readonly<Record<TimedStage, number>>;
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
      let current: TimedStage | null = null;
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

function nothing(): Record<TimedStage, number> {
  return { know: 0, stage: 0, publish: 0 };
}
