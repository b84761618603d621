import pg from 'pg';
import type { Batch, LoadBatch, LoadCounts, LoadOutcome, LoadStage } from '../src/core/load.ts';
import { loadMs } from '../src/core/measures.ts';
import { createLoadBatch } from '../src/loaders/load-batch.ts';
import { migrate } from '../src/schema/migrate.ts';
import type { StatementCost } from './explaining-warehouse.ts';
import { ExplainingWarehouse } from './explaining-warehouse.ts';
import type { BatchFiles, Case } from './flat-batches.ts';
import { CASES, putBatch } from './flat-batches.ts';
import { balancedOrders } from './balanced-order.ts';
import { cpuMs } from './cpu-time.ts';
import { growHistory } from './flat-history.ts';
import type { LoaderWorld } from './loader-world.ts';
import { batchOf, openWorld } from './loader-world.ts';
import { describeMachine } from './machine.ts';
import type { Machine } from './machine.ts';
import type { Quartiles } from './quantiles.ts';
import { quartiles } from './quantiles.ts';
import { settle, stopAutovacuum, tidy } from './quiet-engine.ts';
import type { BenchStack } from './start-stack.ts';
import { setting, startStack } from './start-stack.ts';
import type { TimedWarehouse } from './timed-warehouse.ts';
import { timedWarehouse } from './timed-warehouse.ts';

export type FlatPlan = {
  /** Plays of history, ascending. */
  readonly sizes: readonly number[];
  /** Measured rounds; each loads the same files on top of every size, in an order of its own. */
  readonly rounds: number;
};

export const FULL_PLAN: FlatPlan = { sizes: [1e4, 1e5, 1e6, 1e7], rounds: 16 };
export const QUICK_PLAN: FlatPlan = { sizes: [1e4, 1e5, 1e6], rounds: 6 };

/** What a batch costs on top of one history. */
export type FlatCost = {
  readonly plays: number;
  readonly totalMs: Quartiles;
  readonly stageMs: Readonly<Record<LoadStage, Quartiles>>;
  /** Of `totalMs` what was waiting for the warehouse; the rest is S3 and the service. */
  readonly warehouseMs: Quartiles;
  /** CPU time of the service and all servers together. */
  readonly cpuMs: Quartiles;
  readonly counts: LoadCounts;
  readonly roundTrips: number;
  /** Every statement of the load, in order. */
  readonly statements: readonly StatementCost[];
};

export type FlatCase = {
  readonly which: Case;
  readonly costs: readonly FlatCost[];
  /** Over the rounds: the time on the largest history over the time on the smallest, in the same round. */
  readonly ratio: Quartiles;
  /** The same of the time in the warehouse, and of CPU time. */
  readonly warehouseRatio: Quartiles;
  readonly cpuRatio: Quartiles;
  readonly met: boolean;
};

export type FlatResult = {
  readonly machine: Machine;
  readonly plan: FlatPlan;
  readonly targetRatio: number;
  readonly cases: readonly FlatCase[];
};

const TARGET_RATIO = 1.2;
/** Rounds that fill caches and are not measured. */
const WARM_UP = 2;
const NEVER = new AbortController().signal;

/**
 * Loads the same batches on top of histories of different length and says what each costs: time through the Data API
 * over HTTP, rows and pages by the engine's own counters.
 */
export async function measureFlat(plan: FlatPlan, say: (line: string) => void): Promise<FlatResult> {
  say('starting the embedded stack');
  const stack = await startStack();
  const loader = openWorld(stack.environment);
  try {
    const bench = new FlatBench(stack, loader);
    const worlds: World[] = [];
    for (const plays of plan.sizes) {
      say(`history of ${plays.toLocaleString('en')} plays`);
      worlds.push(await bench.world(plays));
    }
    const cases: FlatCase[] = [];
    for (const which of CASES) cases.push(await bench.measure(which, worlds, plan, say));
    return { machine: describeMachine(), plan, targetRatio: TARGET_RATIO, cases };
  } finally {
    loader.close();
    await stack.stop();
  }
}

/** A schema with its history. */
type World = {
  readonly plays: number;
  readonly schema: string;
  readonly warehouse: TimedWarehouse;
  readonly loadBatch: LoadBatch;
};

/** A measured load. */
type Sample = {
  readonly outcome: LoadOutcome;
  readonly totalMs: number;
  readonly warehouseMs: number;
  readonly cpuMs: number;
};

class FlatBench {
  readonly #stack: BenchStack;
  readonly #loader: LoaderWorld;
  #rounds = 0;

  constructor(stack: BenchStack, loader: LoaderWorld) {
    this.#stack = stack;
    this.#loader = loader;
  }

  async world(plays: number): Promise<World> {
    const schema = `flat_${plays}`;
    const parts = this.#loader.loadParts(schema);
    await migrate({ ...parts, schema }, { reset: false, signal: NEVER });
    await this.#withEngine(async (client) => {
      await stopAutovacuum(client);
      await client.query(`set search_path to ${schema}, redshift_compat`);
      await growHistory(client, { bucket: setting(this.#stack, 'SPARKIFY_BUCKET'), plays });
    });
    const warehouse = timedWarehouse(parts.warehouse);
    return { plays, schema, warehouse, loadBatch: createLoadBatch({ ...parts, warehouse }) };
  }

  async measure(which: Case, worlds: readonly World[], plan: FlatPlan, say: (line: string) => void): Promise<FlatCase> {
    say(`${which}: ${plan.rounds} rounds over ${worlds.length} histories in turn`);
    const samples = new Map<World, Sample[]>(worlds.map((world) => [world, []]));
    const orders = balancedOrders(worlds.length);
    await this.#withEngine(
      async (client) =>
        await tidy(
          client,
          worlds.map(({ schema }) => schema),
        ),
    );
    for (let round = 0; round < WARM_UP + plan.rounds; round += 1) {
      const batch = await this.#put(which);
      await this.#withEngine(settle);
      for (const index of orders[round % orders.length] ?? []) {
        const world = worlds[index];
        if (world === undefined) continue;
        const sample = await this.#sample(world, batch);
        if (which === 'late song' && sample.outcome.counts.repaired === 0)
          throw new Error('No play waited for the song.');
        if (round >= WARM_UP) samples.get(world)?.push(sample);
      }
    }
    const batch = await this.#put(which);
    const costs: FlatCost[] = [];
    for (const world of worlds) {
      const statements = await this.#explain(world, batch);
      costs.push({ ...timed(samples.get(world) ?? []), plays: world.plays, statements });
    }
    const [smallest = [], largest = []] = [worlds[0], worlds.at(-1)].map(
      (world) => (world && samples.get(world)) ?? [],
    );
    const ratio = ratios(smallest, largest, ({ totalMs }) => totalMs);
    const warehouseRatio = ratios(smallest, largest, ({ warehouseMs }) => warehouseMs);
    const cpuRatio = ratios(smallest, largest, (sample) => sample.cpuMs);
    return { which, costs, ratio, warehouseRatio, cpuRatio, met: ratio.p50 <= TARGET_RATIO };
  }

  async #sample(world: World, batch: BatchFiles): Promise<Sample> {
    await this.#loadBefore(world, batch);
    world.warehouse.take();
    const cpuBeforeMs = cpuMs();
    const outcome = await world.loadBatch(batchFrom(batch), NEVER);
    const { publish, stage } = world.warehouse.take();
    return {
      outcome,
      totalMs: loadMs(outcome.stageMs),
      warehouseMs: Math.round(stage + publish),
      cpuMs: cpuBeforeMs === null ? Number.NaN : (cpuMs() ?? Number.NaN) - cpuBeforeMs,
    };
  }

  async #withEngine(run: (client: pg.Client) => Promise<void>): Promise<void> {
    const client = new pg.Client({ connectionString: this.#stack.psqlUrl });
    await client.connect();
    try {
      await run(client);
    } finally {
      await client.end();
    }
  }

  async #explain(world: World, batch: BatchFiles): Promise<readonly StatementCost[]> {
    await this.#loadBefore(world, batch);
    const warehouse = await ExplainingWarehouse.open({
      psqlUrl: this.#stack.psqlUrl,
      s3: this.#loader.s3,
      schema: world.schema,
      roleArn: setting(this.#stack, 'SPARKIFY_COPY_ROLE_ARN'),
    });
    try {
      await createLoadBatch({ ...this.#loader.loadParts(world.schema), warehouse })(batchFrom(batch), NEVER);
    } finally {
      await warehouse.close();
    }
    return warehouse.costs;
  }

  async #put(which: Case): Promise<BatchFiles> {
    this.#rounds += 1;
    return await putBatch(this.#loader.store, {
      bucket: setting(this.#stack, 'SPARKIFY_BUCKET'),
      which,
      round: this.#rounds,
    });
  }

  async #loadBefore({ loadBatch }: World, { before, lane }: BatchFiles): Promise<void> {
    if (before.length > 0) await loadBatch(batchOf({ lane, source: 'live', files: before }), NEVER);
  }
}

function batchFrom({ decision, files, lane, source }: BatchFiles): Batch {
  return batchOf({ decision, files, lane, source });
}

function timed(samples: readonly Sample[]): Omit<FlatCost, 'plays' | 'statements'> {
  const last = samples.at(-1);
  if (last === undefined) throw new Error('Nothing was measured.');
  const of = (value: (sample: Sample) => number): Quartiles => quartiles(samples.map(value));
  return {
    totalMs: of((sample) => sample.totalMs),
    stageMs: {
      read: of(({ outcome }) => outcome.stageMs.read),
      stage: of(({ outcome }) => outcome.stageMs.stage),
      publish: of(({ outcome }) => outcome.stageMs.publish),
    },
    warehouseMs: of((sample) => sample.warehouseMs),
    cpuMs: of((sample) => sample.cpuMs),
    counts: last.outcome.counts,
    roundTrips: last.outcome.roundTrips,
  };
}

function ratios(smallest: readonly Sample[], largest: readonly Sample[], of: (sample: Sample) => number): Quartiles {
  return quartiles(largest.map((sample, round) => of(sample) / of(smallest[round] ?? sample)));
}
