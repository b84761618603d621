import { createHash } from 'node:crypto';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import pg from 'pg';
import type { FileEvent, FileStatus } from '../src/core/file-event.ts';
import type { LoadCounts } from '../src/core/load.ts';
import { generateLogFiles, generateSongFiles } from '../src/generate/files.ts';
import type { GeneratedFile } from '../src/generate/files.ts';
import { realRandom } from '../src/app/real.ts';
import { migrate } from '../src/schema/migrate.ts';
import { openSqlLibrary } from '../src/sql/sql-library.ts';
import { FLOOR_SCHEMA, measureFloor } from './backfill-floor.ts';
import type { Floor } from './backfill-floor.ts';
import type { BackfillPlan } from './backfill-plan.ts';
import { generateOptions } from './backfill-plan.ts';
import { firstMessage } from './first-message.ts';
import type { LoaderWorld } from './loader-world.ts';
import { openWorld } from './loader-world.ts';
import { describeMachine } from './machine.ts';
import type { Machine } from './machine.ts';
import { setting, startStack } from './start-stack.ts';
import type { BenchStack } from './start-stack.ts';
import type { TimedStage } from './timed-warehouse.ts';

export const FULL_PLAN: BackfillPlan = { events: 1_000_000, logFiles: 1_000, songs: 10_000, isMeasured: false };
export const QUICK_PLAN: BackfillPlan = { events: 20_000, logFiles: 40, songs: 200, isMeasured: false };

/** What the process that backfills says. `stageMs`: waiting for the warehouse, and reading; loads overlap. */
export type BackfillRun = {
  readonly ms: number;
  readonly cpuMs: number;
  readonly batches: number;
  readonly files: Readonly<Record<FileStatus, number>>;
  readonly rows: LoadCounts;
  readonly stageMs: Readonly<Record<TimedStage | 'read', number>>;
  readonly peakMB: number | null;
};

export type BackfillResult = {
  readonly machine: Machine;
  readonly plan: BackfillPlan;
  readonly megabytes: number;
  readonly first: BackfillRun;
  /** The same again: everything is known. */
  readonly second: BackfillRun;
  readonly floor: Floor;
  readonly overFloor: Verdict;
  readonly secondShare: Verdict;
};

export type Verdict = { readonly ratio: number; readonly target: number; readonly met: boolean };

const TARGET_OVER_FLOOR = 3;
const TARGET_SECOND_SHARE = 0.05;
const PUTS_IN_FLIGHT = 16;
const NEVER = new AbortController().signal;
const STAR = ['songplays', 'users', 'songs', 'artists', 'time'];

/** Backfills a bucket in a process of its own, twice, and lets the engine load the same rows with the least work there is. */
export async function measureBackfill(plan: BackfillPlan, say: (line: string) => void): Promise<BackfillResult> {
  say('starting the embedded stack');
  const stack = await startStack();
  const world = openWorld(stack.environment);
  try {
    const schema = setting(stack, 'SPARKIFY_SCHEMA');
    const library = openSqlLibrary();
    await migrate({ warehouse: world.warehouse, library, random: realRandom, schema }, { reset: false, signal: NEVER });
    say(`${plan.events} events in ${plan.logFiles} files and ${plan.songs} songs`);
    const options = generateOptions(plan);
    const songs = await putAll(world, generateSongFiles(options));
    const logs = await putAll(world, generateLogFiles(options));
    say('the backfill');
    const first = await backfill(stack, plan);
    say('the same backfill again');
    const second = await backfill(stack, plan);
    const floor = await measureFloor(world, { songs, logs }, say);
    await throwUnlessEqual(stack, [schema, FLOOR_SCHEMA]);
    return {
      ...{ machine: describeMachine(), plan, first, second, floor },
      megabytes: [...songs, ...logs].reduce((sum, { size }) => sum + size, 0) / 1e6,
      overFloor: verdictOf(first.ms / (floor.copyMs + floor.reloadMs), TARGET_OVER_FLOOR),
      secondShare: verdictOf(second.ms / first.ms, TARGET_SECOND_SHARE),
    };
  } finally {
    world.close();
    await stack.stop();
  }
}

function verdictOf(ratio: number, target: number): Verdict {
  return { ratio, target, met: ratio <= target };
}

async function putAll(world: LoaderWorld, files: Iterable<GeneratedFile>): Promise<readonly FileEvent[]> {
  const { bucket } = world.route;
  const limit = pLimit(PUTS_IN_FLIGHT);
  const puts: Promise<FileEvent>[] = [];
  for (const { body, key } of files) {
    const put = async (): Promise<FileEvent> => {
      await world.store.put({ bucket, key, body, contentType: 'application/json', signal: NEVER });
      const etag = createHash('md5').update(body).digest('hex');
      const size = body.byteLength;
      return { change: 'put', bucket, key, etag, versionId: null, sequencer: null, size, eventTimeMs: 0 };
    };
    puts.push(limit(put));
    // Generating is faster than putting, and what waits is in memory.
    if (limit.pendingCount > PUTS_IN_FLIGHT) await puts[puts.length - PUTS_IN_FLIGHT];
  }
  return await Promise.all(puts);
}

async function backfill(stack: BenchStack, { isMeasured }: BackfillPlan): Promise<BackfillRun> {
  const program = fileURLToPath(new URL('backfill-main.ts', import.meta.url));
  // As the image starts the service.
  const env = { ...process.env, ...stack.environment, MALLOC_ARENA_MAX: '1' };
  const child = fork(program, isMeasured ? ['--metrics'] : [], { env, execArgv: ['--max-semi-space-size=2'] });
  const ended = once(child, 'exit');
  const run = await firstMessage<BackfillRun>(child);
  await ended;
  return run;
}

/** Both ways have to have done the same work. */
export async function throwUnlessEqual(stack: BenchStack, schemas: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: stack.psqlUrl });
  await client.connect();
  try {
    for (const table of STAR) {
      const counted = schemas.map((schema) => `select count(*)::int as n from ${schema}.${table}`);
      const { rows } = await client.query<{ n: number }>(counted.join(' union all '));
      if (rows[0]?.n !== rows[1]?.n) {
        throw new Error(`${table} has ${rows[0]?.n} rows in ${schemas[0]} and ${rows[1]?.n} after the full reload.`);
      }
    }
  } finally {
    await client.end();
  }
}
