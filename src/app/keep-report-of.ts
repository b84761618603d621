import type { Consumer } from '../consumer/run-consumer.ts';
import type { Emit } from '../core/events.ts';
import { consumerReport, NO_MEMORY, remember, reportKey } from '../core/intake/consumer-report.ts';
import type { ObjectStore } from '../core/ports.ts';
import { keepReport } from '../observe/keep-report.ts';
import type { Config } from './config.ts';
import { packageVersion } from './package-version.ts';
import { realClock } from './real.ts';

export type Reporting = {
  /** Remembers the event for the report, then emits it. */
  readonly emit: Emit;
  /** Keeps the report of the consumer up to date while it runs. */
  readonly during: <T>(
    store: Pick<ObjectStore, 'put'>,
    consumer: Pick<Consumer, 'snapshot'>,
    run: () => Promise<T>,
  ) => Promise<T>;
};

/** What the consumer of this process says of itself, in the bucket. */
export function keepReportOf(config: Config<'bucket' | 'queue'>, emit: Emit): Reporting {
  const clock = realClock;
  const { name: bucket, workPrefix } = config.bucket;
  const consumer = config.consumerName;
  const who = { consumer, version: packageVersion(), queueUrl: config.queue.url, startedAtMs: clock.nowMs() };
  let memory = NO_MEMORY;
  return {
    emit: (event) => {
      memory = remember(memory, event, clock.nowMs());
      emit(event);
    },
    during: async (store, consumerOf, run) => {
      const ended = new AbortController();
      const report = () => consumerReport(who, consumerOf.snapshot(), memory, clock.nowMs());
      const key = reportKey(workPrefix, consumer);
      const keeping = keepReport({ store, bucket, key, clock, emit, report }, ended.signal);
      try {
        return await run();
      } finally {
        ended.abort();
        await keeping;
      }
    },
  };
}
