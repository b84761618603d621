import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { fork } from 'node:child_process';
import { generateHistory } from './generate-history.ts';
import type { History } from './history.ts';
import { operationLine } from './history.ts';
import { minimise } from './minimise.ts';
import { runHistory } from './run-history.ts';

const HELP = `Runs the real consumer, loader and backfill through random histories in a simulated world, and checks the promises.

  npm run simulate -- --seeds 10000            seeds 1 to 10000, on all cores
  npm run simulate -- --seeds 500 --from 20001
  npm run simulate -- --seeds 500 --bail       until the first that fails
  npm run simulate -- --seed 4711              one seed again, with everything that happened
  npm run simulate -- --seed 4711 --minimise   the same with as few operations as still fail

A failing seed is printed with its first broken promise; exit code 1. The same seed gives the same run, always.`;

type Failure = { readonly seed: number; readonly violation: string };

/** Every n-th seed of a run. */
type Part = {
  readonly from: number;
  readonly count: number;
  readonly workers: number;
  readonly index: number;
  /** Stops at its first seed that fails. */
  readonly bails: boolean;
};

/** What the parts of a run tell one another. */
type Report = { readonly done: number; readonly virtualMs: number; readonly failures: readonly Failure[] };

const write = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      minimise: { type: 'boolean', default: false },
      bail: { type: 'boolean', default: false },
      workers: { type: 'string', default: String(availableParallelism()) },
      help: { type: 'boolean', default: false },
    },
  });
  const numbers = [values.seeds, values.from, values.seed, values.workers].map((text) => Number(text ?? 1));
  const isSense = numbers.every((number) => Number.isSafeInteger(number) && number > 0);
  if (values.help || !isSense || (values.seeds === undefined) === (values.seed === undefined)) {
    write(HELP);
    return values.help ? 0 : 2;
  }
  if (values.seed !== undefined) return await replay(Number(values.seed), values.minimise);
  return await runMany({
    from: Number(values.from),
    count: Number(values.seeds),
    workers: Number(values.workers),
    minimises: values.minimise,
    bails: values.bail,
  });
}

async function firstViolation(history: History): Promise<string | null> {
  return (await runHistory(history)).violations[0] ?? null;
}

async function replay(seed: number, minimises: boolean): Promise<number> {
  const history = generateHistory(seed);
  const violation = await firstViolation(history);
  const shown = minimises && violation !== null ? await smallest(history, violation) : history;
  const run = await runHistory(shown, { isTraced: true });
  for (const line of run.trace) write(line);
  write(`\nSeed ${seed}: ${shown.operations.length} operations, ${seconds(run.virtualMs)} virtual.`);
  for (const sentence of run.violations) write(`BROKEN: ${sentence}`);
  write(run.violations.length === 0 ? 'All promises hold.' : `Settings: ${JSON.stringify(shown.settings)}`);
  return run.violations.length === 0 ? 0 : 1;
}

async function smallest(history: History, violation: string): Promise<History> {
  const found = await minimise({ history, violation }, firstViolation, 1_000);
  const before = history.operations.length;
  write(`${before} operations made ${found.history.operations.length} in ${found.runs} runs:`);
  for (const operation of found.history.operations) write(operationLine(operation));
  return found.history;
}

async function runMany(input: Omit<Part, 'index'> & { minimises: boolean }): Promise<number> {
  const startedMs = performance.now();
  const workers = Math.min(input.workers, input.count);
  const reports: Report[] = [];
  const show = setInterval(() => {
    const done = reports.reduce((sum, report) => sum + report.done, 0);
    write(`${done} of ${input.count} seeds, ${rate(done, startedMs)}`);
  }, 10_000);
  const ends = Array.from({ length: workers }, async (_, index) => {
    await runPart({ ...input, workers, index }, (report) => {
      for (const { seed, violation } of report.failures.slice(reports[index]?.failures.length ?? 0)) {
        write(`seed ${seed} FAILS: ${violation}\n  again: npm run simulate -- --seed ${seed} --minimise`);
      }
      reports[index] = report;
    });
  });
  try {
    await Promise.all(ends);
  } finally {
    clearInterval(show);
  }
  const failures = reports.flatMap((report) => report.failures).toSorted((a, b) => a.seed - b.seed);
  const virtualMs = reports.reduce((sum, report) => sum + report.virtualMs, 0);
  write(
    `${input.count} seeds (${input.from} to ${input.from + input.count - 1}) in ${seconds(performance.now() - startedMs)}, ` +
      `${rate(input.count, startedMs)}, ${workers} processes; ${(virtualMs / 86_400_000).toFixed(1)} days of virtual time. ` +
      (failures.length === 0 ? 'All promises hold.' : `${failures.length} seeds fail.`),
  );
  const first = failures[0];
  if (first !== undefined && input.minimises) {
    write(`\nThe first, seed ${first.seed}:`);
    await smallest(generateHistory(first.seed), first.violation);
  }
  return failures.length === 0 ? 0 : 1;
}

/** In a process of its own: a history is one thread of work, and the cores are several. */
async function runPart(part: Part, onReport: (report: Report) => void): Promise<void> {
  if (part.workers === 1) {
    await runSeeds(part, onReport);
    return;
  }
  const child = fork(import.meta.filename, { env: { ...process.env, [PART]: JSON.stringify(part) } });
  child.on('message', (report) => onReport(report as Report));
  const code = await new Promise<number | null>((resolve) => child.on('exit', resolve));
  if (code !== 0) throw new Error(`A process of the simulation ended with code ${code ?? 'none'}.`);
}

async function runSeeds(part: Part, onReport: (report: Report) => void): Promise<void> {
  const failures: Failure[] = [];
  let [done, virtualMs] = [0, 0];
  for (let seed = part.from + part.index; seed < part.from + part.count; seed += part.workers) {
    const run = await runHistory(generateHistory(seed));
    const violation = run.violations[0];
    if (violation !== undefined) failures.push({ seed, violation });
    done += 1;
    virtualMs += run.virtualMs;
    if (done % 20 === 0 || violation !== undefined) onReport({ done, virtualMs, failures: [...failures] });
    if (violation !== undefined && part.bails) break;
  }
  onReport({ done, virtualMs, failures: [...failures] });
}

function rate(count: number, sinceMs: number): string {
  return `${((1000 * count) / (performance.now() - sinceMs)).toFixed(1)} seeds/s`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Names the part of the seeds to a process that another one has started. */
const PART = 'SPARKIFY_SIMULATION_PART';
const part = process.env[PART];
if (part === undefined) process.exitCode = await main();
else {
  await runSeeds(JSON.parse(part) as Part, (report) => process.send?.(report));
  process.disconnect();
}
