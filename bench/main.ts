import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import * as backfill from './backfill.ts';
import * as batch from './batch.ts';
import * as beside from './beside.ts';
import * as drain from './drain.ts';
import * as flat from './flat.ts';
import { FULL_PLAN, QUICK_PLAN, measureLatency } from './latency.ts';
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

program
  .command('latency')
  .description('from the put of an object to its rows, by stage; and the peak memory of the consumer')
  .option('--json <file>', 'write the numbers to this file as JSON')
  .option('--quick', 'few files: shows that it works, not how fast it is')
  .option('--metrics', 'the consumer serves its metrics, which are read every second')
  .action(async (options: { json?: string; quick?: true; metrics?: true }) => {
    const usual = options.quick === true ? QUICK_PLAN : FULL_PLAN;
    const plan = { ...usual, isScraped: options.metrics === true };
    const result = await measureLatency(plan, (line) => process.stderr.write(`… ${line}\n`));
    process.stdout.write(printLatency(result));
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
    const missed = !result.target.met || result.memory.some(({ met }) => met === false);
    // A quick run says too little to fail on.
    if (missed && options.quick !== true) process.exitCode = 1;
  });

program
  .command('flat')
  .description('what a batch costs on top of 10 thousand to 10 million plays of history: time, rows, pages')
  .option('--json <file>', 'write the numbers to this file as JSON')
  .option('--quick', 'up to a million plays, fewer rounds')
  .option('--plays <list>', 'other histories, ascending: 10000,10000000')
  .option('--rounds <n>', 'measured rounds; a multiple of the number of histories is balanced')
  .action(async (options: { json?: string; quick?: true; plays?: string; rounds?: string }) => {
    const usual = options.quick === true ? flat.QUICK_PLAN : flat.FULL_PLAN;
    const plan: flat.FlatPlan = {
      sizes: options.plays?.split(',').map(Number) ?? usual.sizes,
      rounds: options.rounds === undefined ? usual.rounds : Number(options.rounds),
    };
    const result = await flat.measureFlat(plan, (line) => process.stderr.write(`… ${line}\n`));
    process.stdout.write(printFlat(result));
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
    if (result.cases.some(({ met }) => !met) && options.quick !== true) process.exitCode = 1;
  });

program
  .command('memory')
  .description('peak memory of the consumer while 100,000 notifications wait and 20,000 are held')
  .option('--json <file>', 'write the numbers to this file as JSON')
  .option('--quick', 'fewer notifications: shows that it works')
  .action(async (options: { json?: string; quick?: true }) => {
    const plan = options.quick === true ? memory.QUICK_PLAN : memory.FULL_PLAN;
    const result = await memory.measureMemory(plan, (line) => process.stderr.write(`… ${line}\n`));
    process.stdout.write(printMemory(result));
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
    if (result.met === false) process.exitCode = 1;
  });

program
  .command('read')
  .description(
    'how fast files become parts, on a whole CPU and on parts of one, and how fast /healthz answers meanwhile',
  )
  .option('--json <file>', 'write the numbers to this file as JSON')
  .option('--quick', 'few events: shows that it works, not how fast it is')
  .action(async (options: { json?: string; quick?: true }) => {
    const plan = options.quick === true ? read.QUICK_PLAN : read.FULL_PLAN;
    const result = await read.measureRead(plan, (line) => process.stderr.write(`… ${line}\n`));
    process.stdout.write(printRead(result));
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
    if (!result.targets.met && options.quick !== true) process.exitCode = 1;
  });

program
  .command('backfill')
  .description(
    'a million events and 10,000 songs, twice, against the least work the engine can have with the same rows',
  )
  .option('--json <file>', 'write the numbers to this file as JSON')
  .option('--quick', 'few events: shows that it works, not how fast it is')
  .option('--events <n>', 'another number of events, 1,000 a file')
  .option('--metrics', 'with the metrics of a consumer, which are read every second')
  .action(async (options: { json?: string; quick?: true; events?: string; metrics?: true }) => {
    const usual = options.quick === true ? backfill.QUICK_PLAN : backfill.FULL_PLAN;
    const events = options.events === undefined ? usual.events : Number(options.events);
    const logFiles = options.events === undefined ? usual.logFiles : Math.ceil(events / 1_000);
    const plan = { ...usual, events, logFiles, isMeasured: options.metrics === true };
    const result = await backfill.measureBackfill(plan, (line) => process.stderr.write(`… ${line}\n`));
    process.stdout.write(printBackfill(result));
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
    if (!(result.overFloor.met && result.secondShare.met) && options.quick !== true) process.exitCode = 1;
  });

program
  .command('batch')
  .description('what batches of 1, 100 and 5,000 files send to the warehouse, and by how much its tables grow')
  .option('--json <file>', 'write the numbers to this file as JSON')
  .option('--quick', 'few files: shows that it works')
  .action(async (options: { json?: string; quick?: true }) => {
    const plan = options.quick === true ? batch.QUICK_PLAN : batch.FULL_PLAN;
    const result = await batch.measureBatches(plan, (line) => process.stderr.write(`… ${line}\n`));
    process.stdout.write(printBatches(result));
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
  });

program
  .command('standin')
  .description('what the stand-in costs on top of PostgreSQL: COPY, functions, a statement, a start; and its memory')
  .option('--json <file>', 'write the numbers to this file as JSON')
  .option('--quick', 'few rows: shows that it works, not how fast it is')
  .action(async (options: { json?: string; quick?: true }) => {
    const plan = options.quick === true ? standin.QUICK_PLAN : standin.FULL_PLAN;
    const result = await standin.measureStandin(plan, (line) => process.stderr.write(`… ${line}\n`));
    process.stdout.write(printStandin(result));
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
    if (result.targets.some(({ met }) => !met) && options.quick !== true) process.exitCode = 1;
  });

program
  .command('beside')
  .description(
    'from the put of a live object to its rows, alone and while a backfill runs; and how long the lock is held',
  )
  .option('--json <file>', 'write the numbers to this file as JSON')
  .option('--quick', 'few files: shows that it works, not how fast it is')
  .action(async (options: { json?: string; quick?: true }) => {
    const plan = options.quick === true ? beside.QUICK_PLAN : beside.FULL_PLAN;
    const result = await beside.measureBeside(plan, (line) => process.stderr.write(`… ${line}\n`));
    process.stdout.write(printBeside(result));
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
    if (!besideMet(result) && options.quick !== true) process.exitCode = 1;
  });

program
  .command('one-more-day')
  .description('one more day of logs on top of 1 to 1,000 days of history, against the full reload of all days')
  .option('--json <file>', 'write the numbers to this file as JSON')
  .option('--quick', 'few days: shows that it works, not how fast it is')
  .action(async (options: { json?: string; quick?: true }) => {
    const plan = options.quick === true ? oneMoreDay.QUICK_PLAN : oneMoreDay.FULL_PLAN;
    const result = await oneMoreDay.measureOneMoreDay(plan, (line) => process.stderr.write(`… ${line}\n`));
    process.stdout.write(printOneMoreDay(result));
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
  });

program
  .command('drain')
  .description(
    '10,000 notifications, drained by the service and by the sqs-consumer library that reads the same objects',
  )
  .option('--json <file>', 'write the numbers to this file as JSON')
  .option('--quick', 'few notifications: shows that it works, not how fast it is')
  .action(async (options: { json?: string; quick?: true }) => {
    const plan = options.quick === true ? drain.QUICK_PLAN : drain.FULL_PLAN;
    const result = await drain.measureDrain(plan, (line) => process.stderr.write(`… ${line}\n`));
    process.stdout.write(printDrain(result));
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
    if (result.ratio < result.targetRatio && options.quick !== true) process.exitCode = 1;
  });

program
  .command('listing')
  .description('peak memory of a backfill that looks up a million keys of a listing')
  .option('--json <file>', 'write the numbers to this file as JSON')
  .option('--quick', 'few keys: shows that it works')
  .option('--keys <n>', 'another number of keys')
  .action(async (options: { json?: string; quick?: true; keys?: string }) => {
    const usual = options.quick === true ? listing.QUICK_PLAN : listing.FULL_PLAN;
    const plan = { keys: options.keys === undefined ? usual.keys : Number(options.keys) };
    const result = await listing.measureListing(plan, (line) => process.stderr.write(`… ${line}\n`));
    process.stdout.write(printListing(result));
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
    if (!isBounded(result) && options.quick !== true) process.exitCode = 1;
  });

program
  .command('status')
  .description('how long "sparkify status" takes on a ledger of ten million files')
  .option('--json <file>', 'write the numbers to this file as JSON')
  .option('--quick', 'few files: shows that it works')
  .action(async (options: { json?: string; quick?: true }) => {
    const plan = options.quick === true ? status.QUICK_PLAN : status.FULL_PLAN;
    const result = await status.measureStatus(plan, (line) => process.stderr.write(`… ${line}\n`));
    process.stdout.write(printStatus(result));
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
    if (!result.met && options.quick !== true) process.exitCode = 1;
  });

program
  .command('metrics')
  .description('how long it takes to write the text of /metrics with 600 series')
  .option('--json <file>', 'write the numbers to this file as JSON')
  .option('--quick', 'few texts: shows that it works, not how fast it is')
  .action(async (options: { json?: string; quick?: true }) => {
    const result = await metrics.measureMetrics(options.quick === true ? metrics.QUICK_PLAN : metrics.FULL_PLAN);
    process.stdout.write(printMetrics(result));
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
    if (!result.met && options.quick !== true) process.exitCode = 1;
  });

await program.parseAsync();
