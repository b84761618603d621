import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import * as backfill from './backfill.ts';
import * as batch from './batch.ts';
import * as beside from './beside.ts';
import * as drain from './drain.ts';
import * as flat from './flat.ts';
import * as latency from './latency.ts';
import * as listing from './listing.ts';
import * as memory from './memory.ts';
import * as oneMoreDay from './one-more-day.ts';
import { printBackfill } from './print-backfill.ts';
import { printBatches } from './print-batch.ts';
import { besideMet, printBeside } from './print-beside.ts';
import { printDrain } from './print-drain.ts';
import { printFlat } from './print-flat.ts';
import { printLatency } from './print-latency.ts';
import { isBounded, printListing } from './print-listing.ts';
import * as metrics from './metrics.ts';
import { printMetrics } from './print-metrics.ts';
import { printMemory } from './print-memory.ts';
import { printOneMoreDay } from './print-one-more-day.ts';
import { printRead } from './print-read.ts';
import { printStandin } from './print-standin.ts';
import * as read from './read.ts';
import { printStatus } from './print-status.ts';
import * as standin from './standin.ts';
import * as status from './status.ts';

/** `npm run bench -- <what>`: each bench brings its own servers, prints a table and, when asked, writes JSON. */
const program = new Command('bench')
  .description('Measures the service on the embedded stack. Close other programs first.')
  .showHelpAfterError();

type Say = (line: string) => void;
/** Of all benches; each has some of them. */
type Options = {
  readonly json?: string;
  readonly quick?: true;
  readonly events?: string;
  readonly keys?: string;
  readonly metrics?: true;
  readonly plays?: string;
  readonly rounds?: string;
};

/** The command of a bench. It prints a table and, when asked, writes JSON; it ends with 1 when a target is missed. */
function bench<Plan, Result>(
  name: string,
  description: string,
  run: {
    /** What a quick run shows. */
    readonly quick: string;
    /** A quick run says enough to fail on. */
    readonly failsQuick?: true;
    readonly plan: (isQuick: boolean, options: Options) => Plan;
    readonly measure: (plan: Plan, say: Say) => Promise<Result>;
    readonly print: (result: Result) => string;
    /** Without it, the bench has no target. */
    readonly isMet?: (result: Result) => boolean;
  },
): Command {
  return program
    .command(name)
    .description(description)
    .option('--json <file>', 'write the numbers to this file as JSON')
    .option('--quick', run.quick)
    .action(async (options: Options) => {
      const isQuick = options.quick === true;
      const result = await run.measure(run.plan(isQuick, options), (line) => process.stderr.write(`… ${line}\n`));
      process.stdout.write(run.print(result));
      if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
      if (run.isMet?.(result) === false && (!isQuick || run.failsQuick === true)) process.exitCode = 1;
    });
}

/** The plan of a bench that has no options of its own. */
function usual<Plan>({ FULL_PLAN, QUICK_PLAN }: { readonly FULL_PLAN: Plan; readonly QUICK_PLAN: Plan }) {
  return (isQuick: boolean): Plan => (isQuick ? QUICK_PLAN : FULL_PLAN);
}

bench('latency', 'from the put of an object to its rows, by stage; and the peak memory of the consumer', {
  quick: 'few files: shows that it works, not how fast it is',
  plan: (isQuick, options) => ({ ...usual(latency)(isQuick), isScraped: options.metrics === true }),
  measure: latency.measureLatency,
  print: printLatency,
  isMet: ({ memory: peaks, target }) => target.met && !peaks.some(({ met }) => met === false),
}).option('--metrics', 'the consumer serves its metrics, which are read every second');

bench('flat', 'what a batch costs on top of 10 thousand to 10 million plays of history: time, rows, pages', {
  quick: 'up to a million plays, fewer rounds',
  plan: (isQuick, { plays, rounds }): flat.FlatPlan => ({
    sizes: plays?.split(',').map(Number) ?? usual(flat)(isQuick).sizes,
    rounds: rounds === undefined ? usual(flat)(isQuick).rounds : Number(rounds),
  }),
  measure: flat.measureFlat,
  print: printFlat,
  isMet: ({ cases }) => cases.every(({ met }) => met),
})
  .option('--plays <list>', 'other histories, ascending: 10000,10000000')
  .option('--rounds <n>', 'measured rounds; a multiple of the number of histories is balanced');

bench('memory', 'peak memory of the consumer while 100,000 notifications wait and 20,000 are held', {
  quick: 'fewer notifications: shows that it works',
  failsQuick: true,
  plan: usual(memory),
  measure: memory.measureMemory,
  print: printMemory,
  isMet: ({ met }) => met !== false,
});

bench(
  'read',
  'how fast files become parts, on a whole CPU and on parts of one, and how fast /healthz answers meanwhile',
  {
    quick: 'few events: shows that it works, not how fast it is',
    plan: usual(read),
    measure: read.measureRead,
    print: printRead,
    isMet: ({ targets }) => targets.met,
  },
);

bench(
  'backfill',
  'a million events and 10,000 songs, twice, against the least work the engine can have with the same rows',
  {
    quick: 'few events: shows that it works, not how fast it is',
    plan: (isQuick, options) => {
      const plan = { ...usual(backfill)(isQuick), isMeasured: options.metrics === true };
      if (options.events === undefined) return plan;
      const events = Number(options.events);
      return { ...plan, events, logFiles: Math.ceil(events / 1_000) };
    },
    measure: backfill.measureBackfill,
    print: printBackfill,
    isMet: ({ overFloor, secondShare }) => overFloor.met && secondShare.met,
  },
)
  .option('--events <n>', 'another number of events, 1,000 a file')
  .option('--metrics', 'with the metrics of a consumer, which are read every second');

bench('batch', 'what batches of 1, 100 and 5,000 files send to the warehouse, and by how much its tables grow', {
  quick: 'few files: shows that it works',
  plan: usual(batch),
  measure: batch.measureBatches,
  print: printBatches,
});

bench(
  'standin',
  'what the stand-in costs on top of PostgreSQL: COPY, functions, a statement, a start; and its memory',
  {
    quick: 'few rows: shows that it works, not how fast it is',
    plan: usual(standin),
    measure: standin.measureStandin,
    print: printStandin,
    isMet: ({ targets }) => targets.every(({ met }) => met),
  },
);

bench(
  'beside',
  'from the put of a live object to its rows, alone and while a backfill runs; and how long the lock is held',
  {
    quick: 'few files: shows that it works, not how fast it is',
    plan: usual(beside),
    measure: beside.measureBeside,
    print: printBeside,
    isMet: besideMet,
  },
);

bench(
  'one-more-day',
  'one more day of logs on top of 1 to 1,000 days of history, against the full reload of all days',
  {
    quick: 'few days: shows that it works, not how fast it is',
    plan: usual(oneMoreDay),
    measure: oneMoreDay.measureOneMoreDay,
    print: printOneMoreDay,
  },
);

bench(
  'drain',
  '10,000 notifications, drained by the service and by the sqs-consumer library that reads the same objects',
  {
    quick: 'few notifications: shows that it works, not how fast it is',
    plan: usual(drain),
    measure: drain.measureDrain,
    print: printDrain,
    isMet: ({ ratio, targetRatio }) => ratio >= targetRatio,
  },
);

bench('listing', 'peak memory of a backfill that looks up a million keys of a listing', {
  quick: 'few keys: shows that it works',
  plan: (isQuick, { keys }) => (keys === undefined ? usual(listing)(isQuick) : { keys: Number(keys) }),
  measure: listing.measureListing,
  print: printListing,
  isMet: isBounded,
}).option('--keys <n>', 'another number of keys');

bench('status', 'how long "sparkify status" takes on a ledger of ten million files', {
  quick: 'few files: shows that it works',
  plan: usual(status),
  measure: status.measureStatus,
  print: printStatus,
  isMet: ({ met }) => met,
});

bench('metrics', 'how long it takes to write the text of /metrics with 600 series', {
  quick: 'few texts: shows that it works, not how fast it is',
  plan: usual(metrics),
  measure: metrics.measureMetrics,
  print: printMetrics,
  isMet: ({ met }) => met,
});

await program.parseAsync();
