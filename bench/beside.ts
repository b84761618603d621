import pLimit from 'p-limit';
import { generateLogFiles, generateSongFiles } from '../src/generate/files.ts';
import { SparkifyProcess } from '../test/support/sparkify-process.ts';
import { asOperator } from './as-operator.ts';
import type { BackfillPlan } from './backfill-plan.ts';
import { generateOptions } from './backfill-plan.ts';
import { putSingles } from './latency.ts';
import { describeMachine } from './machine.ts';
import type { Machine } from './machine.ts';
import { openBench } from './open-bench.ts';
import type { Bench } from './open-bench.ts';
import { PlayFiles } from './play-files.ts';
import { spread } from './quantiles.ts';
import type { Spread } from './quantiles.ts';
import { QueueWorld } from './queue-world.ts';
import { setting } from './start-stack.ts';
import { LockWatch } from './watch-lock.ts';

export type BesidePlan = BackfillPlan & {
  /** Live files while nothing else runs; beside the backfill they come until it ends. */
  readonly singles: number;
  readonly everyMs: number;
};

export const FULL_PLAN: BesidePlan = {
  events: 100_000,
  logFiles: 4_000,
  songs: 1_000,
  isMeasured: false,
  singles: 30,
  everyMs: 1_500,
};
export const QUICK_PLAN: BesidePlan = {
  events: 10_000,
  logFiles: 400,
  songs: 100,
  isMeasured: false,
  singles: 3,
  everyMs: 1_000,
};

/** Put to rows visible, and the greatest time for which one transaction had the writers' lock. */
export type BesidePhase = { readonly visibleMs: Spread; readonly lockedMs: number };

export type BesideResult = {
  readonly machine: Machine;
  readonly plan: BesidePlan;
  readonly idle: BesidePhase;
  readonly beside: BesidePhase;
  readonly backfillSeconds: number;
  readonly targets: { readonly ratio: number; readonly lockedMs: number };
};

const TARGETS = { ratio: 2, lockedMs: 1_000 };
const PLAYS_PER_FILE = 5;
const PUTS_IN_FLIGHT = 16;
/** Before the plays of the live files, whose rows are looked for by their time. */
const OLD_DAY_MS = Date.UTC(2018, 8, 1);

/**
 * Live files with a consumer of their own process, first alone, then while `sparkify backfill` loads a bucket of older files with its
 * default settings.
 */
export async function measureBeside(plan: BesidePlan, say: (line: string) => void): Promise<BesideResult> {
  say('starting the embedded stack');
  const bench = await openBench();
  try {
    say(`${plan.events} events in ${plan.logFiles} files and ${plan.songs} songs`);
    await putOldFiles(bench, plan);
    return await measurePhases(bench, plan, say);
  } finally {
    await bench.close();
  }
}

async function measurePhases(bench: Bench, plan: BesidePlan, say: (line: string) => void): Promise<BesideResult> {
  const lock = await LockWatch.open(bench.stack.psqlUrl, `${setting(bench.stack, 'SPARKIFY_SCHEMA')}.ingest_lock_9`);
  try {
    return await bench.withConsumer({}, async () => {
      const files = new PlayFiles(PLAYS_PER_FILE);
      const phase = async (more: (before: number) => boolean): Promise<BesidePhase> => {
        lock.take();
        const journeys = await putSingles(bench, files, { everyMs: plan.everyMs, more });
        const visibleMs = spread(journeys.map(({ seenAtMs, sentAtMs }) => seenAtMs - sentAtMs));
        return { visibleMs, lockedMs: lock.take() };
      };
      say(`${plan.singles} live files alone`);
      const idle = await phase((before) => before < plan.singles);
      say('live files beside a backfill');
      const beganMs = performance.now();
      const environment = bench.stack.environment;
      const backfill = new SparkifyProcess({ args: ['backfill'], environment, program: asOperator() });
      const endedMs = backfill.end.then(() => performance.now());
      try {
        const beside = await phase(() => !backfill.ended);
        const { code, stderr } = await backfill.end;
        if (code !== 0) throw new Error(`sparkify backfill failed:\n${stderr.slice(-2_000)}`);
        const backfillSeconds = ((await endedMs) - beganMs) / 1000;
        return { machine: describeMachine(), plan, idle, beside, backfillSeconds, targets: TARGETS };
      } finally {
        await backfill.dispose();
      }
    });
  } finally {
    await lock.close();
  }
}

/** They were there before the notifications were switched on. */
async function putOldFiles(bench: Bench, plan: BackfillPlan): Promise<void> {
  const options = { ...generateOptions(plan), firstDayMs: OLD_DAY_MS };
  const limit = pLimit(PUTS_IN_FLIGHT);
  const files = [...generateSongFiles(options), ...generateLogFiles(options)];
  await Promise.all(files.map((file) => limit(() => bench.put(file))));
  const queue = new QueueWorld(bench.stack);
  await queue.purge().finally(async () => await queue.close());
}
