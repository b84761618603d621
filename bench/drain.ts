import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { SparkifyProcess } from '../test/support/sparkify-process.ts';
import { asOperator } from './as-operator.ts';
import { cpuMsOf } from './cpu-time.ts';
import { waitingObjects } from './flood.ts';
import { describeMachine } from './machine.ts';
import type { Machine } from './machine.ts';
import { spread } from './quantiles.ts';
import { QueueWorld } from './queue-world.ts';
import { runCommand } from './run-command.ts';
import { startStack } from './start-stack.ts';
import { until } from './until.ts';

export type DrainPlan = { readonly notifications: number; readonly rounds: number };

export const FULL_PLAN: DrainPlan = { notifications: 10_000, rounds: 2 };
export const QUICK_PLAN: DrainPlan = { notifications: 500, rounds: 1 };

/** `cpuMs`: of the program alone, its start included; NaN where the system does not tell. */
export type Drained = { readonly perSecond: number; readonly cpuMs: number };

export type DrainResult = {
  readonly machine: Machine;
  readonly plan: DrainPlan;
  /** One a round. */
  readonly sparkify: readonly Drained[];
  readonly sqsConsumer: readonly Drained[];
  /** Median of the rounds. */
  readonly ratio: number;
  readonly targetRatio: number;
};

const TARGET_RATIO = 1;
const LOOK_EVERY_MS = 50;
const WITHIN_MS = 900_000;
const OTHER = fileURLToPath(new URL('drain-main.ts', import.meta.url));

/**
 * Drains the same queue with `sparkify consume`, which loads the files, and with the `sqs-consumer` library, whose handler reads them.
 * Every round has objects of its own, and the other one begins.
 */
export async function measureDrain(plan: DrainPlan, say: (line: string) => void): Promise<DrainResult> {
  say('starting the embedded stack');
  const stack = await startStack();
  try {
    await runCommand(stack, 'migrate');
    const world = new QueueWorld(stack);
    const rounds = { sparkify: [] as Drained[], sqsConsumer: [] as Drained[] };
    const drains = { sparkify, sqsConsumer };
    try {
      for (let round = 0; round < plan.rounds; round += 1) {
        const objects = waitingObjects(plan.notifications * (round + 1)).slice(plan.notifications * round);
        const turns = ['sqsConsumer', 'sparkify'] as const;
        for (const [turn, who] of (round % 2 === 0 ? turns : turns.toReversed()).entries()) {
          // S3 announces an object that is put; for the second turn the same is sent again.
          if (turn === 0) await world.put(objects);
          else await world.announce(objects, objects.length);
          const { cpuMs, seconds } = await drains[who](world);
          rounds[who].push({ perSecond: objects.length / seconds, cpuMs });
          say(`${who}: ${objects.length} messages in ${seconds.toFixed(1)} s`);
        }
      }
      const ratios = rounds.sparkify.map(
        ({ perSecond }, round) => perSecond / (rounds.sqsConsumer[round]?.perSecond ?? Number.NaN),
      );
      return { machine: describeMachine(), plan, ...rounds, ratio: spread(ratios).p50, targetRatio: TARGET_RATIO };
    } finally {
      await world.close();
    }
  } finally {
    await stack.stop();
  }
}

type Drain = { readonly seconds: number; readonly cpuMs: number };

async function sparkify(world: QueueWorld): Promise<Drain> {
  const consumer = new SparkifyProcess({
    args: ['consume', '--until-idle'],
    environment: world.environment,
    program: asOperator(),
  });
  try {
    const drained = await drain(world, consumer.pid, () => consumer.ended);
    await consumer.end;
    return drained;
  } finally {
    await consumer.dispose();
  }
}

async function sqsConsumer(world: QueueWorld): Promise<Drain> {
  const env = { ...process.env, ...world.environment, MALLOC_ARENA_MAX: '1' };
  const child = fork(OTHER, [], { env, execArgv: ['--max-semi-space-size=2'] });
  const ended = once(child, 'exit');
  try {
    return await drain(world, child.pid ?? 0, () => child.exitCode !== null || child.signalCode !== null);
  } finally {
    child.kill();
    await ended;
  }
}

/** From the first message received, so without the start of the program, to the last one deleted. */
async function drain(world: QueueWorld, pid: number, hasEnded: () => boolean): Promise<Drain> {
  let beganMs = 0;
  const isDrained = async (): Promise<boolean> => {
    const { inFlight, waiting } = await world.depth();
    if (inFlight > 0 && beganMs === 0) beganMs = performance.now();
    if (beganMs > 0 && inFlight + waiting === 0) return true;
    if (hasEnded()) throw new Error(`The program ended while ${waiting + inFlight} messages were in the queue.`);
    return false;
  };
  await until(isDrained, { what: 'the queue to be empty', withinMs: WITHIN_MS, everyMs: LOOK_EVERY_MS });
  return { seconds: (performance.now() - beganMs) / 1000, cpuMs: cpuMsOf(pid) ?? Number.NaN };
}
