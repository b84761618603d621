import type { ListKeys } from '../src/backfill/list-files.ts';
import { runBackfill } from '../src/backfill/run-backfill.ts';
import type { ConsumerDependencies, ConsumerEnd } from '../src/consumer/run-consumer.ts';
import { Consumer } from '../src/consumer/run-consumer.ts';
import type { ErrorCode } from '../src/core/errors.ts';
import { IngestError } from '../src/core/errors.ts';
import type { IngestEvent } from '../src/core/events.ts';
import type { LoadBatch } from '../src/core/load.ts';
import type { ObjectStore, Warehouse } from '../src/core/ports.ts';
import type { RouteSettings } from '../src/core/route.ts';
import { ERROR_POLICY } from '../src/core/verdict.ts';
import { createFindLacking } from '../src/loaders/find-lacking.ts';
import { createLoadBatch } from '../src/loaders/load-batch.ts';
import { createPlanRetraction, retractionBatch } from '../src/loaders/retract.ts';
import { BUCKET } from './bucket.ts';
import type { SimulatedBucket } from './bucket.ts';
import type { HistorySettings, Operation } from './history.ts';
import { NAMED_SQL } from './model/statements.ts';
import type { Steps } from './model/statements.ts';
import { SimulatedProcess } from './process.ts';
import type { SimulatedQueue } from './queue.ts';
import type { SimulatedWarehouse } from './warehouse.ts';
import type { World } from './world.ts';

export const ROUTE: RouteSettings = {
  bucket: BUCKET,
  songPrefix: 'song_data/',
  logPrefix: 'log_data/',
  workPrefix: 'sparkify-work/',
  onDelete: 'keep',
};

/** A supervisor starts a consumer that failed again after this long. */
const RESTART_MS = 5_000;
/** Beyond the drain time, whoever does not answer (docs/SPEC.md C1). */
const STOP_GRACE_MS = 5_000;

/** Changes what a process is made of, to plant a bug. */
export type Alter = {
  readonly consumer?: (dependencies: ConsumerDependencies) => ConsumerDependencies;
  /** Also of backfills. */
  readonly warehouse?: (warehouse: Warehouse) => Warehouse;
  readonly store?: (store: ObjectStore) => ObjectStore;
  /** Of the warehouse: what an SQL file does. */
  readonly steps?: Steps;
};

type Parts = {
  readonly world: World;
  readonly queue: SimulatedQueue;
  readonly bucket: SimulatedBucket;
  readonly warehouse: SimulatedWarehouse;
  readonly settings: HistorySettings;
  readonly alter: Alter | null;
  /** Nothing happens that may end a consumer, for whatever time. */
  readonly isCalm: boolean;
};

async function* pageOf(keys: readonly string[]): AsyncGenerator<readonly string[], void> {
  yield await Promise.resolve(keys);
}

function listOf(keys: readonly string[]): ListKeys {
  return () => pageOf(keys);
}

type Running = { readonly process: SimulatedProcess; readonly intake: AbortController; readonly work: AbortController };

/** The service as it is operated: consumers under a supervisor, backfills now and then. */
export class Service {
  readonly #do: Parts;
  readonly #consumers = new Map<number, Running>();
  readonly #clocks = new Map<number, number>();
  #started = 0;
  #backfills = 0;
  #isClosing = false;

  constructor(parts: Parts) {
    this.#do = parts;
  }

  /** Keys of which a retraction was done. */
  readonly retracted = new Set<string>();

  /** Backfills and retractions under way. */
  get backfills(): number {
    return this.#backfills;
  }

  get consumers(): number {
    return this.#consumers.size;
  }

  start(place: number): void {
    if (this.#isClosing || this.#consumers.has(place)) return;
    const process = this.#process(`consumer ${place}`, this.#clocks.get(place) ?? 0);
    const running = { process, intake: new AbortController(), work: new AbortController() };
    this.#consumers.set(place, running);
    this.#do.world.say(() => `${process.name}: starts`);
    const onDelete = this.#do.settings.onDelete[place] ?? 'keep';
    const consumer = new Consumer(this.#dependencies(process, { ...ROUTE, onDelete }));
    consumer.run({ drain: running.intake.signal, abort: running.work.signal }).then(
      (end) => this.#ended(place, running, end, consumer),
      (error: unknown) => this.#do.world.violate(`Consumer.run rejected: ${String(error)}`),
    );
  }

  crash(place: number, backAfterMs: number): void {
    const running = this.#consumers.get(place);
    if (running === undefined) return;
    this.#do.world.say(() => `${running.process.name}: crashes`);
    this.#gone(place, running);
    this.#do.world.scheduler.after(backAfterMs, () => this.start(place));
  }

  stop(place: number, isHurried: boolean): void {
    const running = this.#consumers.get(place);
    if (running === undefined) return;
    const { scheduler } = this.#do.world;
    this.#do.world.say(() => `${running.process.name}: is asked to stop`);
    running.intake.abort();
    if (isHurried) scheduler.after(500, () => running.work.abort());
    const patienceMs = this.#do.settings.drainSeconds * 1000 + STOP_GRACE_MS;
    scheduler.after(patienceMs, () => {
      if (this.#consumers.get(place) !== running) return;
      this.#do.world.violate(`${running.process.name} has not stopped ${patienceMs} ms after it was asked to`);
      this.#gone(place, running);
    });
  }

  jump(place: number, byMs: number): void {
    const clockOff = (this.#clocks.get(place) ?? 0) + byMs;
    this.#clocks.set(place, clockOff);
    this.#consumers.get(place)?.process.jumpClock(byMs);
  }

  /** Asks all consumers to stop, for good. */
  close(): void {
    this.#isClosing = true;
    for (const place of [...this.#consumers.keys()]) this.stop(place, false);
  }

  backfill({ crashAfterMs, isReload, keys }: Omit<Extract<Operation, { kind: 'backfill' }>, 'atMs' | 'kind'>): void {
    const { bucket, world } = this.#do;
    for (const key of keys ?? []) world.undone.add(key);
    const { ended, process } = this.#beginWork('backfill');
    const { clock, random } = process;
    const emit = this.#emit(process);
    const store = bucket.forProcess(process);
    const settings = { ...ROUTE, maxFiles: 3, maxBytes: 10_000, consumer: process.name };
    runBackfill(
      {
        ...{ store, clock, random, emit, settings },
        loadBatch: this.#loader(process, emit),
        findLacking: createFindLacking(this.#loadParts(process, emit, ROUTE)),
      },
      {
        ...{ prefix: null, sinceMs: null, untilMs: null },
        keys: keys === undefined ? null : listOf(keys),
        decision: isReload
          ? { action: 'reload', operator: 'simulated', why: null, undoesRetraction: keys !== undefined }
          : undefined,
        signal: new AbortController().signal,
        onProgress: () => undefined,
      },
    ).then(
      () => ended('is done'),
      (error: unknown) => ended(`gives up: ${String(error)}`),
    );
    if (crashAfterMs !== null) world.scheduler.after(crashAfterMs, () => ended('crashes'));
  }

  /** A person retracts objects and does not give up. Who is told to reload first leaves it. */
  retract(keys: readonly string[]): void {
    const { ended, process } = this.#beginWork('retraction');
    const parts = this.#loadParts(process, this.#emit(process), ROUTE);
    const plan = createPlanRetraction(parts);
    const load = createLoadBatch(parts);
    const retractAll = async (): Promise<string> => {
      for (;;) {
        try {
          for (const dataset of ['songs', 'logs'] as const) {
            const prefix = dataset === 'songs' ? ROUTE.songPrefix : ROUTE.logPrefix;
            const some = keys.filter((key) => key.startsWith(prefix));
            if (some.length === 0) continue;
            const objects = some.map((key) => ({ bucket: BUCKET, key }));
            const { signal } = new AbortController();
            const planned = await plan(dataset, objects, signal);
            await load(retractionBatch(parts, { ...planned, operator: 'simulated', why: null }), signal);
            for (const key of some) this.retracted.add(key);
          }
          return 'is done';
        } catch (error) {
          if (error instanceof IngestError && error.code === 'lineage_missing') return 'is refused';
          await process.clock.sleep(10_000);
        }
      }
    };
    retractAll().then(ended, (error: unknown) => this.#do.world.violate(`a retraction rejected: ${String(error)}`));
  }

  /** A process that has an end. */
  #beginWork(role: string) {
    const { world } = this.#do;
    const process = this.#process(role, 0);
    this.#backfills += 1;
    world.say(() => `${process.name}: starts`);
    const ended = (how: string) => {
      if (!process.isAlive) return;
      process.kill();
      this.#backfills -= 1;
      world.say(() => `${process.name}: ${how}`);
    };
    return { process, ended };
  }

  #process(role: string, clockOffByMs: number): SimulatedProcess {
    this.#started += 1;
    const name = `${role} (process ${this.#started})`;
    return new SimulatedProcess(this.#do.world, { name, index: this.#started, clockOffByMs });
  }

  #dependencies(process: SimulatedProcess, route: RouteSettings): ConsumerDependencies {
    const { alter, queue, settings } = this.#do;
    const emit = this.#emit(process);
    const dependencies: ConsumerDependencies = {
      queue: queue.forProcess(process),
      loadBatch: this.#loader(process, emit, route),
      clock: process.clock,
      random: process.random,
      emit,
      loadAnsweredAtMs: () => null,
      settings: { ...settings, consumer: process.name, queueUrl: 'simulated', route, until: 'stopped' },
    };
    return alter?.consumer?.(dependencies) ?? dependencies;
  }

  #loader(process: SimulatedProcess, emit: (event: IngestEvent) => void, route: RouteSettings = ROUTE): LoadBatch {
    return createLoadBatch(this.#loadParts(process, emit, route));
  }

  #loadParts(process: SimulatedProcess, emit: (event: IngestEvent) => void, route: RouteSettings) {
    const { alter } = this.#do;
    const store = this.#do.bucket.forProcess(process);
    const warehouse = this.#do.warehouse.forProcess(process);
    return {
      store: alter?.store?.(store) ?? store,
      clock: process.clock,
      random: process.random,
      emit,
      library: NAMED_SQL,
      readLimits: this.#do.settings.readLimits,
      warehouse: alter?.warehouse?.(warehouse) ?? warehouse,
      settings: {
        ...route,
        schema: 'sparkify',
        copyRoleArn: 'arn:aws:iam::123456789012:role/copy',
        consumer: process.name,
        rejectedRowsMax: 10_000,
        isAlwaysExact: this.#do.settings.isAlwaysExact,
      },
    };
  }

  #emit(process: SimulatedProcess): (event: IngestEvent) => void {
    return (event) => this.#do.world.say(() => `${process.name}: ${eventLine(event)}`);
  }

  #ended(place: number, running: Running, end: ConsumerEnd, consumer: Consumer): void {
    const { world } = this.#do;
    world.say(() => `${running.process.name}: ended (${end.reason}${end.error === null ? '' : `, ${end.error.code}`})`);
    const { heldMessages, loadInFlight, receivers } = consumer.snapshot();
    if (heldMessages > 0 || loadInFlight !== null || receivers > 0) {
      world.violate(
        `${running.process.name} ended and still holds ${heldMessages} messages or has something in flight`,
      );
    }
    if (end.error !== null && this.#do.isCalm) {
      world.violate(`${running.process.name} was stopped by what it was given: ${end.error.message}`);
    } else if (end.error !== null && needsPerson(end.error.code)) {
      world.violate(`${running.process.name} asks for a person, and there is nothing to mend: ${end.error.message}`);
    }
    this.#gone(place, running);
    world.scheduler.after(RESTART_MS, () => this.start(place));
  }

  #gone(place: number, running: Running): void {
    running.process.kill();
    if (this.#consumers.get(place) === running) this.#consumers.delete(place);
  }
}

/**
 * Of what asks for a person only a refused access happens here; all else the service has to get over by itself, and what is
 * wrong with one object stops nothing.
 */
function needsPerson(code: ErrorCode): boolean {
  const { inLoad, then } = ERROR_POLICY[code];
  return code !== 'access_denied' && (then.kind === 'stop' || inLoad === 'halve' || code.startsWith('object_'));
}

function eventLine(event: IngestEvent): string {
  const { kind, ...rest } = event;
  return `${kind} ${JSON.stringify(rest, (key, value: unknown) => (key === 'outcome' ? undefined : value))}`;
}
