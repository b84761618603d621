import { keepHeapSmall } from '../src/app/small-heap.ts';
import { realClock, realRandom } from '../src/app/real.ts';
import { runBackfill } from '../src/backfill/run-backfill.ts';
import type { Emit } from '../src/core/events.ts';
import type { ObjectStore } from '../src/core/ports.ts';
import { createFindLacking } from '../src/loaders/find-lacking.ts';
import { createLoadBatch } from '../src/loaders/load-batch.ts';
import { ConsumerMetrics } from '../src/observe/metrics/consumer-metrics.ts';
import { countedWarehouse } from '../src/observe/metrics/counted-warehouse.ts';
import { IDLE } from '../test/support/idle-snapshot.ts';
import { BATCH_LIMITS } from './backfill-plan.ts';
import type { BackfillRun } from './backfill.ts';
import { openWorld } from './loader-world.ts';
import { peakMemoryMB } from './peak-memory.ts';
import { scrapeUntil } from './scrape.ts';
import { timedWarehouse } from './timed-warehouse.ts';

/** A backfill as a process of its own, started by `backfill.ts`; says over IPC what it took. */
keepHeapSmall();
const world = openWorld(process.env);
const warehouse = timedWarehouse(world.warehouse);
const metrics = process.argv.includes('--metrics')
  ? new ConsumerMetrics({ version: '0.0.0', expectedMs: 0, nowMs: () => realClock.nowMs() })
  : null;
const emit: Emit = (event) => metrics?.record(event);
const counted =
  metrics === null
    ? warehouse
    : countedWarehouse(warehouse, (name, results) => metrics.recordStatements(name, results));
const over = new AbortController();
const scraping = metrics === null ? null : scrapeUntil(over.signal, async () => await metrics.text(IDLE));
let [beingRead, readSinceMs, readMs] = [0, 0, 0];

/** The time in which any object is being read. */
const open: ObjectStore['open'] = async (input) => {
  if (beingRead === 0) readSinceMs = performance.now();
  beingRead += 1;
  const ended = (): void => {
    beingRead -= 1;
    if (beingRead === 0) readMs += performance.now() - readSinceMs;
  };
  const object = await world.store.open(input).catch((error: unknown) => {
    ended();
    throw error;
  });
  if (object === null) {
    ended();
    return null;
  }
  const close = (): void => {
    object.close();
    ended();
  };
  return { ...object, close };
};

const loadParts = {
  ...world.loadParts(process.env['SPARKIFY_SCHEMA'] ?? ''),
  ...{ store: { ...world.store, open }, warehouse: counted, emit },
};
const beganMs = performance.now();
const cpu = process.cpuUsage();
const { batches, files, rows } = await runBackfill(
  {
    store: world.store,
    loadBatch: createLoadBatch(loadParts),
    findLacking: createFindLacking(loadParts),
    ...{ clock: realClock, random: realRandom, emit },
    settings: { ...world.route, ...BATCH_LIMITS, consumer: 'bench' },
  },
  {
    ...{ prefix: null, sinceMs: null, untilMs: null },
    ...{ signal: new AbortController().signal, onProgress: () => undefined },
  },
);
const ms = performance.now() - beganMs;
over.abort();
await scraping;
const { system, user } = process.cpuUsage(cpu);
const run: BackfillRun = {
  ...{ ms, cpuMs: (system + user) / 1000, batches, files, rows, peakMB: peakMemoryMB(process.pid) },
  stageMs: { ...warehouse.take(), read: readMs },
};
process.send?.(run);
world.close();
process.disconnect();
