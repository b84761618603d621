import type { Consumer } from '../consumer/run-consumer.ts';
import type { Emit, Measured } from '../core/events.ts';
import { consumerReport, NO_MEMORY, remember, reportKey } from '../core/intake/consumer-report.ts';
import { expectedMs } from '../core/measures.ts';
import type { Warehouse } from '../core/ports.ts';
import type { ConsumerSnapshot } from '../core/intake/consumer-snapshot.ts';
import { measured, NOTHING_DONE, tally } from '../core/intake/tally.ts';
import { keepReport } from '../observe/keep-report.ts';
import { measureMinutes } from '../observe/measure-minutes.ts';
import type { ConsumerMetrics } from '../observe/metrics/consumer-metrics.ts';
import { countedWarehouse } from '../observe/metrics/counted-warehouse.ts';
import { ReadAfterCommits } from '../observe/read-after-commits.ts';
import { openLedger } from './compose-look.ts';
import type { ConsumerConfig, Parts } from './compose.ts';
import { packageVersion } from './package-version.ts';
import { realClock } from './real.ts';

export type ConsumerObserver = {
  /** Takes note of the event, then emits it. */
  readonly emit: Emit;
  /** The same warehouse, whose statements are counted. */
  readonly counted: (warehouse: Warehouse) => Warehouse;
  /** While the consumer runs: keeps its report and the numbers of the ledger up to date, and logs its numbers every minute. */
  readonly during: <T>(consumer: Pick<Consumer, 'snapshot'>, run: () => Promise<T>) => Promise<T>;
};

/** What a consumer shows of itself: its log, its state in the bucket and, if they are served, its metrics. */
export function observeConsumer(
  parts: Parts,
  input: { readonly config: ConsumerConfig; readonly log: Emit; readonly metrics: ConsumerMetrics | null },
): ConsumerObserver {
  const { config, log, metrics } = input;
  const clock = realClock;
  const { name: bucket, workPrefix } = config.bucket;
  const consumer = config.consumerName;
  const who = { consumer, version: packageVersion(), queueUrl: config.queue.url, startedAtMs: clock.nowMs() };
  const ended = new AbortController();
  const counted = (warehouse: Warehouse): Warehouse =>
    metrics === null
      ? warehouse
      : countedWarehouse(warehouse, (name, results) => metrics.recordStatements(name, results));
  const ledger = metrics === null ? null : openFiles(parts, { config, log, metrics, counted, signal: ended.signal });
  let memory = NO_MEMORY;
  let done = NOTHING_DONE;
  const emit: Emit = (event) => {
    memory = remember(memory, event, clock.nowMs());
    done = tally(done, event);
    metrics?.record(event);
    ledger?.reading.onEvent(event);
    log(event);
  };
  const measure = (snapshot: ConsumerSnapshot): Measured => {
    const atMs = clock.nowMs();
    const now = { atMs, snapshot, expectedMs: expectedMs(config.batching), open: ledger?.takeOpen() ?? null };
    const numbers = measured(done, now);
    done = NOTHING_DONE;
    return numbers;
  };
  return {
    emit,
    counted,
    during: async (consumerOf, run) => {
      const report = () => consumerReport(who, consumerOf.snapshot(), memory, clock.nowMs());
      const key = reportKey(workPrefix, consumer);
      const keeping = [
        keepReport({ store: parts.store, bucket, key, clock, emit, report }, ended.signal),
        measureMinutes({ clock, emit, measure: () => measure(consumerOf.snapshot()) }, ended.signal),
        ...(ledger === null ? [] : [ledger.reading.run(ended.signal)]),
      ];
      try {
        return await run();
      } finally {
        ended.abort();
        await Promise.all(keeping);
      }
    },
  };
}

/** Reads what is open in the ledger, for the metrics and the line of each minute. */
function openFiles(
  parts: Parts,
  input: Parameters<typeof openLedger>[1] & { readonly log: Emit; readonly metrics: ConsumerMetrics },
): { readonly reading: ReadAfterCommits; readonly takeOpen: () => OpenSums | null } {
  const { log: emit, metrics } = input;
  const ask = openLedger(parts, input);
  let open: OpenSums | null = null;
  const read = async (): Promise<void> => {
    const files = await ask();
    metrics.recordLedger(files);
    open = {
      quarantined: files.reduce((sum, { openQuarantined }) => sum + openQuarantined, 0),
      rejected: files.reduce((sum, { openRejected }) => sum + openRejected, 0),
    };
  };
  return {
    reading: new ReadAfterCommits({ clock: realClock, emit, read }),
    // Once: of several consumers the one that read last says how it is.
    takeOpen: () => {
      const taken = open;
      open = null;
      return taken;
    },
  };
}

type OpenSums = { readonly quarantined: number; readonly rejected: number };

/** The metrics of a consumer that serves them. */
export async function openMetrics(config: ConsumerConfig): Promise<ConsumerMetrics> {
  // Only a consumer that serves them pays for the library.
  const { ConsumerMetrics } = await import('../observe/metrics/consumer-metrics.ts');
  return new ConsumerMetrics({
    version: packageVersion(),
    expectedMs: expectedMs(config.batching),
    nowMs: () => realClock.nowMs(),
  });
}
