import { SimulatedBucket, lastModifiedMs } from './bucket.ts';
import type { BucketWatcher } from './bucket.ts';
import { checkDeletion, checkPromises, isUndelivered, lastLooks, rowsWithoutObject } from './check-promises.ts';
import type { Forged, History, Operation } from './history.ts';
import { NOTICE_SHAPES, isCalmKind, operationLine } from './history.ts';
import { fingerprint, starOf } from './model/full-reload.ts';
import { STEPS } from './model/statements.ts';
import type { Tables } from './model/tables.ts';
import type { Announced, Sent } from './notices.ts';
import { announcedDeletion, announcedVersion, forgedRecord, notice } from './notices.ts';
import { SimulatedQueue } from './queue.ts';
import { Service } from './service.ts';
import type { Alter } from './service.ts';
import type { RanTransaction } from './warehouse.ts';
import { SimulatedWarehouse } from './warehouse.ts';
import { START_MS, World } from './world.ts';

/** Time allowed to become idle after the last fault, plus all clock jumps. */
const REST_WITHIN_MS = 3_600_000;
/** After that, calls that are no longer awaited may still take effect. */
const AFTER_REST_MS = 120_000;

export type RunOptions = {
  readonly isTraced?: boolean;
  /** Plants a bug. */
  readonly alter?: Alter;
  readonly onRun?: (ran: RanTransaction) => void;
  readonly onUpgrade?: () => void;
  readonly bucketWatcher?: BucketWatcher;
};

export type RunResult = {
  /** Broken promises, the first first; empty when all is well. */
  readonly violations: readonly string[];
  readonly trace: readonly string[];
  /** How long it took, virtually. */
  readonly virtualMs: number;
  /** Of the five tables at the end. */
  readonly fingerprint: string;
  /** Of the last look at each object, of which the tables are a function. */
  readonly lastLooks: readonly string[];
  readonly tables: Tables;
};

/** Runs the service through a history and says which promises did not hold. The same history gives the same run. */
export async function runHistory(history: History, options: RunOptions = {}): Promise<RunResult> {
  const run = new Run(history, options);
  // A mistake that no caller of the service would see: it would take the process down.
  const onRejection = (error: unknown) => run.world.violate(`an unhandled promise was rejected: ${String(error)}`);
  process.on('unhandledRejection', onRejection);
  try {
    return await run.result();
  } finally {
    process.off('unhandledRejection', onRejection);
  }
}

class Run {
  readonly world: World;
  readonly #history: History;
  readonly #queue: SimulatedQueue;
  readonly #bucket: SimulatedBucket;
  readonly #warehouse: SimulatedWarehouse;
  readonly #service: Service;
  readonly #sent: Sent[] = [];
  readonly #isCalm: boolean;
  #toCome = 0;

  constructor(history: History, options: RunOptions) {
    this.#history = history;
    this.#isCalm = history.operations.every(isCalm);
    this.world = new World(history.seed, { isTraced: options.isTraced ?? false });
    const { world } = this;
    const isFair = history.operations.every(leavesLeasesAlone);
    this.#queue = new SimulatedQueue(world, {
      onDelete: (message) =>
        checkDeletion({ world, queue: this.#queue, warehouse: this.#warehouse, sent: this.#sent }, message),
      onStolen: ({ id }, from, by) => {
        if (isFair) world.violate(`the lease of ${id} ran out while ${from.name} held it; ${by.name} got it too`);
      },
    });
    this.#bucket = new SimulatedBucket(world, options.bucketWatcher ?? null);
    this.#warehouse = new SimulatedWarehouse(world, {
      read: (key) => this.#bucket.read(key),
      onRun: options.onRun ?? null,
      onUpgrade: options.onUpgrade ?? null,
      steps: { ...STEPS, ...options.alter?.steps },
    });
    const { settings } = history;
    this.#service = new Service({
      ...{ world, settings, queue: this.#queue, bucket: this.#bucket, warehouse: this.#warehouse },
      alter: options.alter ?? null,
      isCalm: this.#isCalm,
    });
  }

  async result(): Promise<RunResult> {
    const { operations, settings } = this.#history;
    const { scheduler } = this.world;
    for (let place = 0; place < settings.consumers; place += 1) this.#service.start(place);
    for (const operation of operations) this.#later(operation.atMs, () => this.#happen(operation));

    const lastMs = START_MS + (operations.at(-1)?.atMs ?? 0);
    await scheduler.runUntil(() => scheduler.nowMs > lastMs || this.#toCome === 0, lastMs + 1);
    this.world.say(() => 'all troubles are over');
    this.world.faults.clear();
    this.#bucket.mend({ lasts: true });
    await this.#comeToRest();
    await this.#mend();
    await this.#end();
    checkPromises({
      ...{ world: this.world, queue: this.#queue, bucket: this.#bucket, warehouse: this.#warehouse },
      ...{ sent: this.#sent, isCalm: this.#isCalm, onDelete: settings.onDelete.slice(0, settings.consumers) },
      retracted: this.#service.retracted,
    });
    return {
      violations: this.world.violations,
      trace: this.world.trace,
      virtualMs: scheduler.nowMs - START_MS,
      fingerprint: fingerprint(starOf(this.#warehouse.tables)),
      lastLooks: [
        ...lastLooks({ bucket: this.#bucket, warehouse: this.#warehouse })
          .map(({ etag, key, ...version }) => JSON.stringify([key, etag, lastModifiedMs(version)]))
          .toSorted(),
        JSON.stringify(rowsWithoutObject(this.#warehouse.tables)),
      ],
      tables: this.#warehouse.tables,
    };
  }

  async #comeToRest(): Promise<void> {
    const { scheduler } = this.world;
    const isAtRest = () => this.#toCome === 0 && this.#left().length === 0 && this.#service.backfills === 0;
    const jumpedMs = this.#history.operations.reduce(
      (sum, op) => sum + (op.kind === 'jump' ? Math.abs(op.byMs) : 0),
      0,
    );
    const deadlineMs = scheduler.nowMs + REST_WITHIN_MS + 2 * jumpedMs;
    for (let rests = 0; rests < 2; rests += 1) {
      const isDone = await scheduler.runUntil(isAtRest, deadlineMs);
      if (!isDone) {
        const left = `${this.#left().length} messages and ${this.#service.backfills} backfills`;
        this.world.violate(`P1: ${left} are left although nothing has been in the way for an hour`);
        return;
      }
      await scheduler.runUntil(() => false, scheduler.nowMs + AFTER_REST_MS);
    }
  }

  /** Messages of the queue without those that wait, for a deletion, until S3 says whether the object is there. */
  #left(): readonly Sent[] {
    const { left } = this.#queue;
    const deleted = left.flatMap(({ files }) =>
      files.filter(({ change }) => change === 'delete').map(({ key }) => key),
    );
    const waiting = new Set(deleted.filter((key) => this.#bucket.isSilentAbout(key)));
    return left.filter(({ files }) => !files.some(({ key }) => waiting.has(key)));
  }

  /** At the end a person repairs the objects that S3 did not deliver and runs a backfill, also for objects without a notification. */
  async #mend(): Promise<void> {
    this.#bucket.mend({ lasts: false });
    const { ingest_files: files } = this.#warehouse.tables;
    const isQuarantined = [...files.values()].some(({ errorCode }) => isUndelivered(errorCode));
    const has = (kind: Operation['kind']) => this.#history.operations.some((operation) => operation.kind === kind);
    const isRead = !isQuarantined && !has('revert') && !has('upgrade');
    if (isRead && this.#queue.left.length === 0) return;
    if (!isRead) this.#service.backfill({ crashAfterMs: null, isReload: has('upgrade') });
    await this.#comeToRest();
  }

  async #end(): Promise<void> {
    this.#service.close();
    const { scheduler } = this.world;
    await scheduler.runUntil(() => this.#service.consumers === 0, scheduler.nowMs + REST_WITHIN_MS);
  }

  #later(delayMs: number, act: () => void): void {
    this.#toCome += 1;
    this.world.scheduler.after(delayMs, () => {
      this.#toCome -= 1;
      act();
    });
  }

  #happen(operation: Operation): void {
    this.world.say(() => `== ${operationLine(operation).trimStart()}`);
    switch (operation.kind) {
      case 'put':
        this.#put(operation);
        return;
      case 'remove':
        this.#announce(operation.notices, [announcedDeletion(this.#bucket.remove(operation.key))]);
        return;
      case 'revert':
        this.#bucket.revert(operation.key);
        return;
      case 'foreign':
        this.#send({ body: operation.body, files: [], isUnreadable: operation.isUnreadable });
        return;
      case 'forge':
        this.#send(
          notice(
            operation.shape,
            operation.records.map((one) => this.#forged(one)),
          ),
        );
        return;
      case 'again':
        this.#queue.deliverAgain(operation.message);
        return;
      case 'crash':
        this.#service.crash(operation.consumer, operation.backAfterMs);
        return;
      case 'stop':
        this.#service.stop(operation.consumer, operation.isHurried);
        this.#later(operation.backAfterMs, () => this.#service.start(operation.consumer));
        return;
      case 'jump':
        this.#service.jump(operation.consumer, operation.byMs);
        return;
      case 'fault':
        this.world.faults.arm(operation.fault, operation.count);
        return;
      case 'away':
        this.world.faults.goAway(operation.target, operation.forMs, operation.code);
        return;
      case 'unreadable':
        this.#bucket.makeUnreadable(operation.under, operation.how, operation.forMs);
        return;
      case 'restart_warehouse':
        this.#warehouse.restart();
        this.world.faults.goAway('warehouse', operation.awayMs, 'warehouse_unavailable');
        return;
      case 'backfill':
        this.#service.backfill(operation);
        return;
      case 'retract':
        this.#service.retract(operation.keys);
        return;
      case 'upgrade':
        this.#warehouse.upgrade();
        return;
    }
  }

  #put(operation: Extract<Operation, { kind: 'put' }>): void {
    const versions = operation.objects.map(({ key, upload }) => this.#bucket.put(key, upload, operation.uploadMs));
    this.#announce(operation.notices, versions.map(announcedVersion));
  }

  /** @param delays of the notices, in ms. */
  #announce(delays: readonly number[], announced: readonly Announced[]): void {
    const { shape } = this.#history.settings;
    for (const [index, delayMs] of delays.entries()) {
      const place = (index + this.#bucket.history.length) % NOTICE_SHAPES.length;
      const sent = notice(shape === 'mixed' ? (NOTICE_SHAPES[place] ?? 's3') : shape, announced);
      this.#later(delayMs, () => this.#send(sent));
    }
  }

  #forged(record: Forged): Announced {
    return forgedRecord(record, this.#bucket.read(record.key), this.world.scheduler.nowMs);
  }

  #send(sent: Sent): void {
    this.#sent.push(sent);
    this.#queue.send(sent);
  }
}

/** Whether a history has nothing in it that may end a lease early: then none may end while it is held. */
function leavesLeasesAlone(operation: Operation): boolean {
  if (operation.kind === 'fault') return operation.fault.target !== 'queue';
  if (operation.kind === 'away') return operation.target !== 'queue';
  return operation.kind !== 'jump';
}

/** Whoever crashes leaves something behind. */
function isCalm(operation: Operation): boolean {
  return isCalmKind(operation.kind) && !(operation.kind === 'backfill' && operation.crashAfterMs !== null);
}
