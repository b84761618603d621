import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { firstMessage } from './first-message.ts';
import { describeMachine } from './machine.ts';
import type { Machine } from './machine.ts';
import type { Quartiles } from './quantiles.ts';
import { quartiles } from './quantiles.ts';
import { throttle } from './throttle.ts';

export type ReadPlan = { readonly events: number; readonly files: number; readonly rounds: number };

export const FULL_PLAN: ReadPlan = { events: 200_000, files: 20, rounds: 7 };
export const QUICK_PLAN: ReadPlan = { events: 20_000, files: 4, rounds: 2 };

/** What the process that reads is told. */
export type ReadSetup = ReadPlan & { readonly isGzip: boolean; readonly withLeast: boolean };
/** What it tells of every round. `reader`: the loader's, or the least that JavaScript can do. `bytes`: unpacked. */
export type ReadRound = {
  readonly reader: 'loader' | 'least';
  readonly bytes: number;
  readonly rows: number;
  readonly cpuMs: number;
  readonly ms: number;
};

export type ReadCase = {
  readonly what: 'plain' | 'gzip';
  /** Of one CPU. */
  readonly share: number;
  /** Unpacked, per second of CPU time. */
  readonly mbPerCpuSecond: Quartiles;
  /** Unpacked, per second of the clock. */
  readonly mbPerSecond: Quartiles;
  /** The slowest answer to a health check meanwhile. */
  readonly slowestHealthMs: number;
};

export type ReadResult = {
  readonly machine: Machine;
  readonly plan: ReadPlan;
  readonly megabytes: number;
  readonly cases: readonly ReadCase[];
  /** JSON.parse, two MD5s, JSON.stringify and gzip of each event and nothing else, in turn with the first case. */
  readonly leastMbPerCpuSecond: Quartiles;
  readonly targets: { readonly mbPerCpuSecond: number; readonly healthMs: number; readonly met: boolean };
};

const TARGET_MB_PER_CPU_SECOND = 30;
const TARGET_HEALTH_MS = 1_000;
const HEALTH_EVERY_MS = 50;
const MB = 1e6;

/**
 * Reads log files from memory as the loader does: unpacks, splits, judges, writes and packs parts. In a process of its own,
 * on a whole CPU and on parts of one, while somebody asks for its health.
 */
export async function measureRead(plan: ReadPlan, say: (line: string) => void): Promise<ReadResult> {
  const cases: ReadCase[] = [];
  let megabytes = 0;
  let least: readonly ReadRound[] = [];
  for (const what of ['plain', 'gzip'] as const) {
    for (const share of what === 'plain' ? [1, 0.5, 0.25] : [1]) {
      say(`${what} files on ${share} CPU`);
      const withLeast = cases.length === 0;
      const run = await runOnce({ ...plan, isGzip: what === 'gzip', withLeast }, share);
      const rounds = run.rounds.filter(({ reader }) => reader === 'loader');
      if (withLeast) least = run.rounds.filter(({ reader }) => reader === 'least');
      megabytes = (rounds[0]?.bytes ?? 0) / MB;
      cases.push({
        ...{ what, share, slowestHealthMs: run.slowestHealthMs },
        mbPerCpuSecond: quartiles(rounds.map(rateOfCpu)),
        mbPerSecond: quartiles(rounds.map(({ bytes, ms }) => bytes / MB / (ms / 1000))),
      });
    }
  }
  const met =
    cases.every(({ slowestHealthMs }) => slowestHealthMs <= TARGET_HEALTH_MS) &&
    (cases[0]?.mbPerCpuSecond.p50 ?? 0) >= TARGET_MB_PER_CPU_SECOND;
  const targets = { mbPerCpuSecond: TARGET_MB_PER_CPU_SECOND, healthMs: TARGET_HEALTH_MS, met };
  const leastMbPerCpuSecond = quartiles(least.map(rateOfCpu));
  return { machine: describeMachine(), plan, megabytes, cases, leastMbPerCpuSecond, targets };
}

function rateOfCpu({ bytes, cpuMs }: ReadRound): number {
  return bytes / MB / (cpuMs / 1000);
}

async function runOnce(
  setup: ReadSetup,
  share: number,
): Promise<{ rounds: readonly ReadRound[]; slowestHealthMs: number }> {
  const program = fileURLToPath(new URL('read-main.ts', import.meta.url));
  // As the image starts the service.
  const child = fork(program, [JSON.stringify(setup)], { execArgv: ['--max-semi-space-size=2'] });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const { port } = await firstMessage<{ port: number }>(child);
  const rounds: ReadRound[] = [];
  child.on('message', (round) => rounds.push(round as ReadRound));
  const free = throttle(child, share);
  const slowestHealthMs = await askForHealth(child, port);
  free();
  const [code] = await ended;
  if (code !== 0) throw new Error(`The process that reads ended with ${code}.`);
  return { rounds, slowestHealthMs };
}

/** @returns the slowest answer in ms, once the process has ended. */
async function askForHealth(child: ChildProcess, port: number): Promise<number> {
  let slowestMs = 0;
  while (child.connected) {
    const askedMs = performance.now();
    const isAnswered = await fetch(`http://127.0.0.1:${port}/healthz`).then(
      async (answer) => (await answer.text()) !== '',
      () => false,
    );
    if (isAnswered) slowestMs = Math.max(slowestMs, performance.now() - askedMs);
    await sleep(HEALTH_EVERY_MS);
  }
  return slowestMs;
}
