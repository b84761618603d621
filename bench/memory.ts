import { SparkifyProcess } from '../test/support/sparkify-process.ts';
import { asOperator } from './as-operator.ts';
import { waitingObjects } from './flood.ts';
import { describeMachine } from './machine.ts';
import type { Machine } from './machine.ts';
import { peakMemoryMB } from './peak-memory.ts';
import { QueueWorld } from './queue-world.ts';
import { runCommand } from './run-command.ts';
import { startStack } from './start-stack.ts';
import { until } from './until.ts';

export type MemoryPlan = {
  /** Notifications that wait before the consumer starts. */
  readonly notifications: number;
  /** Objects that they are about; each was put, and announced again and again under later sequencers. */
  readonly objects: number;
  /** `SPARKIFY_MAX_HELD_FILES`; this many files are held before the first load may publish. */
  readonly held: number;
};

export const FULL_PLAN: MemoryPlan = { notifications: 100_000, objects: 5_000, held: 20_000 };
export const QUICK_PLAN: MemoryPlan = { notifications: 12_000, objects: 500, held: 8_000 };

export type MemoryResult = {
  readonly machine: Machine;
  readonly plan: MemoryPlan;
  /** Messages in flight when publishing was allowed, as the queue counts them. */
  readonly held: number;
  /** From the consumer's start to the last file in the ledger. */
  readonly seconds: number;
  readonly secondsToHold: number;
  /** `null` where the system does not tell. */
  readonly peakMB: number | null;
  readonly targetMB: number;
  readonly met: boolean | null;
};

const TARGET_MB = 250;
const WITHIN_MS = 900_000;

/**
 * Fills the queue, lets the real program hold as many files as it may while nothing can be published, then lets it work
 * everything off, and reads its peak memory from the kernel.
 */
export async function measureMemory(plan: MemoryPlan, say: (line: string) => void): Promise<MemoryResult> {
  say('starting the embedded stack');
  const stack = await startStack();
  try {
    await runCommand(stack, 'migrate');
    const world = new QueueWorld(stack);
    try {
      say(`${plan.objects} objects, ${plan.notifications} notifications`);
      const objects = waitingObjects(plan.objects);
      await world.put(objects);
      await world.announce(objects, plan.notifications - plan.objects);
      return { machine: describeMachine(), plan, targetMB: TARGET_MB, ...(await run(world, plan, say)) };
    } finally {
      await world.close();
    }
  } finally {
    await stack.stop();
  }
}

async function run(
  world: QueueWorld,
  plan: MemoryPlan,
  say: (line: string) => void,
): Promise<Pick<MemoryResult, 'held' | 'seconds' | 'secondsToHold' | 'peakMB' | 'met'>> {
  const startedAtMs = Date.now();
  const consumer = new SparkifyProcess({
    args: ['consume'],
    environment: { ...world.environment, SPARKIFY_MAX_HELD_FILES: String(plan.held) },
    program: asOperator(),
  });
  let held = 0;
  let release = (): Promise<void> => Promise.resolve();
  const wait = async (what: string, isThere: () => Promise<boolean>): Promise<void> => {
    const look = async (): Promise<boolean> => {
      if (consumer.ended) throw new Error(`The consumer ended:\n${consumer.text.slice(-2_000)}`);
      return await isThere();
    };
    await until(look, { what, withinMs: WITHIN_MS, everyMs: 250 });
  };
  try {
    // Until then a consumer holds ten messages.
    await wait('its first load', async () => (await world.settledFiles()) > 0);
    release = await world.holdPublishing();
    await wait(`${plan.held} messages in flight`, async () => {
      held = Math.max(held, (await world.depth()).inFlight);
      return held >= plan.held;
    });
    const secondsToHold = (Date.now() - startedAtMs) / 1000;
    say(`${held} held after ${secondsToHold.toFixed(1)} s; now they may be published`);
    await release();
    await wait('all files in the ledger', async () => (await world.settledFiles()) >= plan.notifications);
    const peakMB = peakMemoryMB(consumer.pid);
    const seconds = (Date.now() - startedAtMs) / 1000;
    consumer.kill('SIGTERM');
    await consumer.end;
    return { held, seconds, secondsToHold, peakMB, met: peakMB === null ? null : peakMB <= TARGET_MB };
  } finally {
    await release();
    await consumer.dispose();
  }
}
