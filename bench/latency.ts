import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { SparkifyProcess } from '../test/support/sparkify-process.ts';
import { batchTimes } from './consumer-log.ts';
import { describePhase } from './journey.ts';
import type { Journey, Phase } from './journey.ts';
import { describeMachine } from './machine.ts';
import type { Machine } from './machine.ts';
import { openBench } from './open-bench.ts';
import type { Bench, Put, Upload } from './open-bench.ts';
import { peakMemoryMB } from './peak-memory.ts';
import { PlayFiles } from './play-files.ts';
import type { PlayFile } from './play-files.ts';
import { until } from './until.ts';

type LatencyPlan = {
  readonly singles: number;
  /** From one single file to the next. */
  readonly singleEveryMs: number;
  readonly bursts: number;
  readonly filesPerBurst: number;
  readonly memoryFiles: number;
  /** Of the one large file. */
  readonly largeFileBytes: number;
  /** The consumer serves its metrics, which are read every second. */
  readonly isScraped: boolean;
};

export const FULL_PLAN: LatencyPlan = {
  singles: 40,
  singleEveryMs: 3_500,
  bursts: 5,
  filesPerBurst: 200,
  memoryFiles: 10_000,
  largeFileBytes: 999e6,
  isScraped: false,
};
export const QUICK_PLAN: LatencyPlan = {
  singles: 5,
  singleEveryMs: 3_500,
  bursts: 2,
  filesPerBurst: 50,
  memoryFiles: 500,
  largeFileBytes: 1e7,
  isScraped: false,
};

export type LatencyResult = {
  readonly machine: Machine;
  readonly plan: LatencyPlan;
  readonly lingerMs: number;
  readonly target: { readonly p95Ms: number; readonly met: boolean };
  readonly singles: Phase;
  readonly bursts: Phase;
  /** Many small files, then one large file; a fresh consumer each. */
  readonly memory: readonly MemoryRun[];
};

type MemoryRun = {
  readonly what: string;
  readonly files: number;
  /** From the first put to the last file in the ledger. */
  readonly seconds: number;
  /** `null` where the system does not tell. */
  readonly peakMB: number | null;
  readonly targetMB: number;
  readonly met: boolean | null;
};

/** The service's default; set here so that the target is about a number that the bench knows. */
const LINGER_MS = 2_000;
const TARGET_OVER_LINGER_MS = 400;
const TARGET_PEAK_MB = { small: 192, large: 256 };
const PLAYS_PER_FILE = 5;
const UPLOADS_IN_FLIGHT = 16;
const VISIBLE_WITHIN_MS = 120_000;
const SETTLED_WITHIN_MS = 900_000;

/**
 * Measures from an object's put to its rows being visible, on the embedded stack, with the real program as its own
 * process: single files, bursts, and the consumer's peak memory over many small files.
 *
 * @param say told what is going on, one line at a time.
 */
export async function measureLatency(plan: LatencyPlan, say: (line: string) => void): Promise<LatencyResult> {
  say('starting the embedded stack');
  const bench = await openBench({ isScraped: plan.isScraped });
  const files = new PlayFiles(PLAYS_PER_FILE);
  try {
    // Only at debug does the log say when messages came and went.
    const settings = { SPARKIFY_LINGER_MS: String(LINGER_MS), SPARKIFY_LOG_LEVEL: 'debug' };
    const { singles, bursts } = await bench.withConsumer(settings, async (consumer) => {
      say(`${plan.singles} single files, one every ${plan.singleEveryMs / 1000} s`);
      const more = (before: number): boolean => before < plan.singles;
      const single = await putSingles(bench, files, { everyMs: plan.singleEveryMs, more });
      say(`${plan.bursts} bursts of ${plan.filesPerBurst} files`);
      const burst = await putBursts(bench, files, plan);
      const batchIds = new Set([...single, ...burst].map((journey) => journey.batchId));
      await consumer.waitFor('the last deletion', (process) => areSettled(process, batchIds));
      const lines = consumer.logLines();
      return { singles: describePhase(single, lines), bursts: describePhase(burst, lines) };
    });
    say(`${plan.memoryFiles} small files, for the consumer's peak memory`);
    const linger = { SPARKIFY_LINGER_MS: String(LINGER_MS) };
    const small = await bench.withConsumer(linger, (consumer) => {
      const uploads = Array.from({ length: plan.memoryFiles }, () => files.take());
      const what = `${plan.memoryFiles} small files`;
      return runForMemory(bench, consumer, { what, uploads, targetMB: TARGET_PEAK_MB.small });
    });
    say(`one file of ${plan.largeFileBytes / 1e6} MB, for the same`);
    const large = await bench.withConsumer(linger, (consumer) => {
      const uploads = [largeFile(files, plan.largeFileBytes)];
      const what = `one file of ${plan.largeFileBytes / 1e6} MB`;
      return runForMemory(bench, consumer, { what, uploads, targetMB: TARGET_PEAK_MB.large });
    });
    const p95Ms = LINGER_MS + TARGET_OVER_LINGER_MS;
    const target = { p95Ms, met: singles.visibleMs.p95 <= p95Ms };
    return { machine: describeMachine(), plan, lingerMs: LINGER_MS, target, singles, bursts, memory: [small, large] };
  } finally {
    await bench.close();
  }
}

/**
 * Puts one file after the other.
 *
 * @param input.more whether another one comes, by the number of files before.
 */
export async function putSingles(
  bench: Bench,
  files: PlayFiles,
  { everyMs, more }: { readonly everyMs: number; readonly more: (before: number) => boolean },
): Promise<readonly Journey[]> {
  const journeys: Promise<Journey>[] = [];
  for (let n = 0; more(n); n += 1) {
    // Not in step with the consumer's own timers: a file meets them at any phase.
    await sleep(everyMs + (n % 7) * 130);
    const file = files.take();
    journeys.push(watch(bench, file, () => bench.put(file)));
  }
  return await Promise.all(journeys);
}

/** The next burst begins when the rows of the last are there. */
async function putBursts(bench: Bench, files: PlayFiles, plan: LatencyPlan): Promise<readonly Journey[]> {
  const journeys: Journey[] = [];
  for (let n = 0; n < plan.bursts; n += 1) {
    const limit = pLimit(UPLOADS_IN_FLIGHT);
    const burst = Array.from({ length: plan.filesPerBurst }, () => files.take());
    journeys.push(...(await Promise.all(burst.map((file) => watch(bench, file, () => limit(() => bench.put(file)))))));
  }
  return journeys;
}

async function watch(bench: Bench, file: PlayFile, put: () => Promise<Put>): Promise<Journey> {
  const [seen, sent] = await Promise.all([bench.rows.seen(file, VISIBLE_WITHIN_MS), put()]);
  return { ...sent, seenAtMs: seen.atMs, batchId: seen.batchId };
}

/** Plays of as many sessions as fill the file. */
function largeFile(files: PlayFiles, bytes: number): Upload {
  const body = Buffer.alloc(bytes);
  for (let length = 0; ;) {
    const file = files.take();
    if (length + file.body.length > bytes) return { key: 'log_data/bench/large.json', body: body.subarray(0, length) };
    length += body.write(file.body, length);
  }
}

async function runForMemory(
  bench: Bench,
  consumer: SparkifyProcess,
  { targetMB, uploads, what }: { what: string; uploads: readonly Upload[]; targetMB: number },
): Promise<MemoryRun> {
  const settledBefore = await bench.rows.count('ingest_files');
  const startedAtMs = Date.now();
  const limit = pLimit(UPLOADS_IN_FLIGHT);
  await Promise.all(uploads.map((file) => limit(() => bench.put(file))));
  const isSettled = async (): Promise<boolean> => {
    if (consumer.ended) throw new Error(`The consumer ended:\n${consumer.text.slice(-2_000)}`);
    return (await bench.rows.count('ingest_files')) >= settledBefore + uploads.length;
  };
  await until(isSettled, { what: `the ledger to have ${what}`, withinMs: SETTLED_WITHIN_MS });
  const peakMB = peakMemoryMB(consumer.pid);
  return {
    what,
    files: uploads.length,
    seconds: (Date.now() - startedAtMs) / 1000,
    peakMB,
    targetMB,
    met: peakMB === null ? null : peakMB <= targetMB,
  };
}

/** Rows can be read a moment before the consumer has written its line about them. */
function areSettled(consumer: SparkifyProcess, batchIds: ReadonlySet<string>): true | undefined {
  const batches = batchTimes(consumer.logLines());
  return [...batchIds].every((id) => (batches.get(id)?.settlingMs ?? null) !== null) ? true : undefined;
}
