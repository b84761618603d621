import type { ConsumerSettings } from '../../src/consumer/consumer-settings.ts';
import type { ConsumerEnd } from '../../src/consumer/run-consumer.ts';
import { Consumer } from '../../src/consumer/run-consumer.ts';
import type { IngestEvent } from '../../src/core/events.ts';
import type { Batch, LoadBatch, LoadOutcome } from '../../src/core/load.ts';
import { aRecord, s3Message } from '../unit/s3-messages.ts';
import { ScriptedQueue } from './scripted-queue.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

export const SETTINGS: ConsumerSettings = {
  consumer: 'test-consumer',
  queueUrl: 'http://queue',
  route: {
    bucket: 'sparkify-data',
    songPrefix: 'song_data/',
    logPrefix: 'log_data/',
    workPrefix: 'work/',
    onDelete: 'keep',
  },
  lingerMs: 2000,
  batchMaxFiles: 5000,
  batchMaxBytes: 2 ** 31,
  batchMaxAgeMs: 30_000,
  loadIntervalMs: 0,
  loadRest: 1,
  loadRestMaxMs: 60_000,
  maxHeldFiles: 20_000,
  visibilitySeconds: 120,
  drainSeconds: 25,
  receivers: 8,
  longPollSeconds: 5,
  until: 'stopped',
};

/** Everything of a batch is loaded, and nothing else happened. */
export function outcomeOf(batch: Batch, atMs = 0): LoadOutcome {
  return {
    batchId: batch.id,
    files: batch.files.map((file) => ({ file, status: 'loaded', reason: null, lastModifiedMs: null })),
    released: [],
    counts: { staged: 0, rejected: 0, inserted: 0, updated: 0, repaired: 0, removed: 0 },
    stageMs: { read: 0, stage: 0, publish: 0 },
    roundTrips: 0,
    warehouseMs: 0,
    lockedMs: 0,
    liveConsumers: 1,
    committedAtMs: atMs,
  };
}

export function logMessage(...keys: readonly string[]): string {
  return s3Message(...keys.map((key) => aRecord({ key: `log_data/${key}` })));
}

export function songMessage(...keys: readonly string[]): string {
  return s3Message(...keys.map((key) => aRecord({ key: `song_data/${key}` })));
}

export type StartedLoad = { batch: Batch; atMs: number; signal: AbortSignal; reading: AbortSignal };

export type Options = {
  settings?: Partial<ConsumerSettings>;
  /** What a load does; by default it takes a second. Throw to fail; without an outcome everything was loaded. */
  load?: (load: StartedLoad, clock: VirtualClock, nth: number) => Promise<unknown>;
  queue?: (queue: ScriptedQueue) => void;
};

async function takeASecond(_load: StartedLoad, clock: VirtualClock): Promise<void> {
  await clock.sleep(1000);
}

/** A consumer on a scripted queue and a virtual clock, with everything that happened at hand. */
export function startConsumer(options: Options = {}) {
  const clock = new VirtualClock();
  const queue = new ScriptedQueue(clock);
  options.queue?.(queue);
  const events: IngestEvent[] = [];
  const loads: StartedLoad[] = [];
  const intake = new AbortController();
  const work = new AbortController();
  let loadsAtOnce = 0;
  const loadBatch: LoadBatch = async (batch, signal, reading = signal) => {
    const load = { batch, atMs: clock.nowMs(), signal, reading };
    loads.push(load);
    loadsAtOnce += 1;
    if (loadsAtOnce > 1) throw new Error('two loads at once');
    try {
      const outcome = await (options.load ?? takeASecond)(load, clock, loads.length);
      return (outcome as LoadOutcome | undefined) ?? outcomeOf(batch, clock.nowMs());
    } finally {
      loadsAtOnce -= 1;
    }
  };
  let dice = 0;
  const consumer = new Consumer({
    queue,
    loadBatch,
    clock,
    random: () => (dice = (dice + 0.618_034) % 1),
    emit: (event) => events.push(event),
    loadAnsweredAtMs: () => null,
    settings: { ...SETTINGS, ...options.settings },
  });
  const startedAtMs = clock.nowMs();
  const ended: Promise<ConsumerEnd> = consumer.run({ drain: intake.signal, abort: work.signal });
  return {
    clock,
    queue,
    consumer,
    events,
    loads,
    ended,
    stop: () => intake.abort(),
    stopWorking: () => work.abort(),
    sinceStartMs: () => clock.nowMs() - startedAtMs,
    eventsOf: <K extends IngestEvent['kind']>(kind: K) =>
      events.filter((event): event is Extract<IngestEvent, { kind: K }> => event.kind === kind),
    keysOf: (load: StartedLoad | undefined) => load?.batch.files.map((file) => file.key) ?? [],
    /** Asks to stop and lets time pass until it has. */
    stopped: async (): Promise<ConsumerEnd> => {
      intake.abort();
      return await clock.runUntil(ended, 120_000);
    },
  };
}
