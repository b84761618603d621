import type { SweepParts } from '../backfill/run-sweep.ts';
import { runSweep, SWEEP_FILES } from '../backfill/run-sweep.ts';
import type { Consumer } from '../consumer/run-consumer.ts';
import type { Emit } from '../core/events.ts';
import { expectedMs } from '../core/measures.ts';
import type { Warehouse } from '../core/ports.ts';
import type { LogKeyNames } from '../datasets/logs/judge-event.ts';
import { createFindLacking } from '../loaders/find-lacking.ts';
import { createLoadBatch } from '../loaders/load-batch.ts';
import { sweepLedger } from '../look/sweep-ledger.ts';
import { openLooking } from './compose-look.ts';
import type { ConsumerConfig, Parts } from './compose.ts';
import { loaderParts, routeSettings } from './compose.ts';
import { realClock, realRandom } from './real.ts';

/** The loads of a sweep are no part of what its consumer says of itself: `emit` is the log alone. */
type SweepInput = {
  config: ConsumerConfig;
  warehouse: Warehouse;
  logKeyNames?: LogKeyNames | undefined;
  emit: Emit;
  consumer: Pick<Consumer, 'snapshot'>;
};

/** Runs a sweep while a consumer runs, until the signal or the end of the consumer. @returns what `run` returns. */
export async function besideSweep<T>(
  parts: Parts,
  { drain, ...input }: SweepInput & { readonly drain: AbortSignal },
  run: () => Promise<T>,
): Promise<T> {
  const ended = new AbortController();
  const signal = AbortSignal.any([drain, ended.signal]);
  const sweeping = runSweep(openSweep(parts, input, signal), signal);
  try {
    return await run();
  } finally {
    ended.abort();
    await sweeping;
  }
}

function openSweep(parts: Parts, input: SweepInput, signal: AbortSignal): SweepParts {
  const { config, consumer, emit } = input;
  const { batchMaxBytes, batchMaxFiles } = config.batching;
  const limits = { maxFiles: Math.min(SWEEP_FILES, batchMaxFiles), maxBytes: batchMaxBytes };
  return {
    backfill: {
      store: parts.store,
      loadBatch: createLoadBatch(loaderParts(parts, input)),
      findLacking: createFindLacking(loaderParts(parts, input)),
      clock: realClock,
      random: realRandom,
      emit,
      settings: { ...routeSettings(config), ...limits, consumer: config.consumerName },
    },
    ledger: sweepLedger(openLooking(parts, config, signal), config.bucket.name),
    consumer: () => consumer.snapshot(),
    batchMaxFiles,
    leaveMs: expectedMs(config.batching),
  };
}
