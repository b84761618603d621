import type { Consumer } from '../consumer/run-consumer.ts';
import type { Emit } from '../core/events.ts';
import { consumerReport, NO_MEMORY, remember, reportKey } from '../core/intake/consumer-report.ts';
import { expectedMs } from '../core/measures.ts';
import type { Warehouse } from '../core/ports.ts';
import { keepReport } from '../observe/keep-report.ts';
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
  /** Keeps the report and the numbers of the ledger up to date while the consumer runs. */
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
  const ledger =
    metrics === null
      ? null
      : afterCommits(metrics, { log, read: openLedger(parts, { config, counted, signal: ended.signal }) });
  let memory = NO_MEMORY;
  const emit: Emit = (event) => {
    memory = remember(memory, event, clock.nowMs());
    metrics?.record(event);
    ledger?.onEvent(event);
    log(event);
  };
  return {
    emit,
    counted,
    during: async (consumerOf, run) => {
      const report = () => consumerReport(who, consumerOf.snapshot(), memory, clock.nowMs());
      const key = reportKey(workPrefix, consumer);
      const keeping = [
        keepReport({ store: parts.store, bucket, key, clock, emit, report }, ended.signal),
        ...(ledger === null ? [] : [ledger.run(ended.signal)]),
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

function afterCommits(
  metrics: ConsumerMetrics,
  { log: emit, read }: { readonly log: Emit; readonly read: ReturnType<typeof openLedger> },
): ReadAfterCommits {
  return new ReadAfterCommits({ clock: realClock, emit, read: async () => metrics.recordLedger(await read()) });
}

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
