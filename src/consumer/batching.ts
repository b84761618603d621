import { inLoadOrder } from '../core/intake/batch-order.ts';
import { batchId } from '../core/batch-id.ts';
import type { BatchLimits } from '../core/intake/batch.ts';
import { OpenBatch } from '../core/intake/batch.ts';
import type { Lane } from '../core/dataset.ts';
import type { Emit } from '../core/events.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { Batch, CloseReason, LoadOutcome } from '../core/load.ts';
import { isMeasured } from '../core/measures.ts';
import type { Clock, Random } from '../core/ports.ts';
import type { EndedRound, Rest, RestLimits, RestReason } from '../core/rest.ts';
import { restAfter, restedMs, restLeftMs } from '../core/rest.ts';
import { Alarm } from './alarm.ts';

type Round = Omit<EndedRound, 'endedAtMs'> & { readonly restedMs: number };

/**
 * Collects files in one open batch per lane, closes each batch for the first reason that applies, and hands batches out one at
 * a time in rounds. A round is all batches that exist when it begins; after a round comes a rest. The caller of `next` is ready
 * to load: between two calls a load is in flight.
 */
export class Batching {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #emit: Emit;
  readonly #limits: BatchLimits & RestLimits;
  readonly #consumer: string;
  readonly #open = new Map<Lane, OpenBatch>();
  readonly #alarm: Alarm;
  #closed: Batch[] = [];
  /** Batches that the current round has still to load. */
  #turns: (Batch | OpenBatch)[] = [];
  #round: Round | null = null;
  /** The rest after the last round; `null` once the next round has begun. */
  #rest: Rest | null = null;
  /** Since when the rest has delayed a batch that is due. */
  #dueAtMs: number | null = null;
  #waiter: ((batch: Batch | null) => void) | null = null;
  #handedOut: Batch | null = null;
  #ended = false;
  #closedSoFar = 0;

  constructor(input: { clock: Clock; random: Random; emit: Emit; limits: BatchLimits & RestLimits; consumer: string }) {
    this.#clock = input.clock;
    this.#random = input.random;
    this.#emit = input.emit;
    this.#limits = input.limits;
    this.#consumer = input.consumer;
    this.#alarm = new Alarm(input.clock, () => {
      this.#look();
    });
  }

  /** Closed batches that wait for their load. */
  get waiting(): number {
    return this.#closed.length;
  }

  /** The files of all batches, the handed-out one included. */
  get filesByLane(): Readonly<Record<Lane, number>> {
    const files = { songs: 0, logs: 0, ignored: 0 };
    for (const { lane, size } of this.#open.values()) files[lane] += size;
    for (const batch of this.#allClosed()) files[batch.lane] += batch.files.length;
    return files;
  }

  /** The oldest time of an event among the measured files of all batches; `null` without one. */
  get oldestPutAtMs(): number | null {
    const oldest = [
      ...[...this.#open.values()].map((batch) => batch.oldestPutAtMs),
      ...this.#allClosed().flatMap(({ files }) => files.filter(isMeasured).map(({ eventTimeMs }) => eventTimeMs)),
    ].reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
    return Number.isFinite(oldest) ? oldest : null;
  }

  get isEmpty(): boolean {
    return this.#closed.length === 0 && this.#open.size === 0 && this.#handedOut === null;
  }

  /** The batch that `next` returned, until the next call. */
  get handedOut(): Batch | null {
    return this.#handedOut;
  }

  /** Why no round may begin now, and for how long; `null` when one may. */
  get rest(): { readonly reason: RestReason; readonly remainingMs: number } | null {
    const remainingMs = this.#restLeftMs();
    return this.#rest === null || remainingMs === 0 ? null : { reason: this.#rest.reason, remainingMs };
  }

  add(lane: Lane, file: FileEvent): void {
    const current = this.#open.get(lane);
    if (current?.overflowsWith(file, this.#limits) === true) this.#close(current, 'bytes');
    const batch = this.#open.get(lane) ?? this.#openBatch(lane);
    batch.add(file);
    this.#look();
  }

  /** Call it when the load of the handed-out batch has committed. Its cost decides how long the rest is. */
  loaded({ liveConsumers, warehouseMs }: Pick<LoadOutcome, 'liveConsumers' | 'warehouseMs'>): void {
    if (this.#round === null) return;
    this.#round = {
      ...this.#round,
      warehouseMs: this.#round.warehouseMs + warehouseMs,
      liveConsumers: Math.max(this.#round.liveConsumers, liveConsumers),
    };
  }

  /**
   * Waits for the next batch to load. Has one caller, which calls again when the load has ended.
   *
   * @returns `null` at the end.
   */
  async next(): Promise<Batch | null> {
    this.#handedOut = null;
    if (this.#ended) return null;
    if (this.#turns.length === 0) this.#endRound();
    return await new Promise((resolve) => {
      this.#waiter = resolve;
      this.#look();
    });
  }

  /**
   * Shutdown. If no load is in flight, the next batch is closed by `drain` and is the last one, rest or not. The messages of
   * all other batches are for the caller to release.
   */
  drain(): void {
    if (this.#waiter !== null) this.#beginRound();
    const first = this.#waiter === null ? undefined : this.#turns[0];
    this.#end(first === undefined ? null : this.#take(first, 'drain'));
  }

  /** Ends at once. The messages of all batches are for the caller to release. */
  stop(): void {
    this.#end(null);
  }

  #end(last: Batch | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#alarm.set(null);
    this.#endRest();
    this.#answer(last);
  }

  #look(): void {
    if (this.#ended) return;
    const now = { atMs: this.#clock.nowMs(), loadInFlight: this.#waiter === null };
    // Idle batches wait for their turn: until then they can still grow.
    this.#closeThose(now, ['count', 'bytes']);
    // A batch that closed by age during the rest could not grow, and would not be loaded earlier.
    if (this.#restLeftMs() === 0) this.#closeThose(now, ['age']);
    if (this.#waiter !== null && this.#turns.length === 0 && this.#isDue()) {
      if (this.#restLeftMs() > 0) this.#tellRest();
      else this.#beginRound();
    }
    const next = this.#waiter === null ? undefined : this.#turns[0];
    if (next !== undefined) this.#answer(this.#take(next, 'idle'));
    this.#setAlarm();
  }

  #closeThose(now: { atMs: number; loadInFlight: boolean }, reasons: readonly CloseReason[]): void {
    for (const batch of this.#open.values()) {
      const reason = batch.shouldClose(now, this.#limits);
      if (reason !== null && reasons.includes(reason)) this.#close(batch, reason);
    }
  }

  #setAlarm(): void {
    if (this.#rest !== null && this.#isDue()) {
      this.#alarm.set(this.#rest.untilMs);
      return;
    }
    const now = { loadInFlight: this.#waiter === null };
    const times = [...this.#open.values()].map((batch) => batch.closesAtMs(now, this.#limits));
    this.#alarm.set(times.length === 0 ? null : Math.min(...times));
  }

  /** Whether a round would begin now if there were no rest. */
  #isDue(): boolean {
    const now = { atMs: this.#clock.nowMs(), loadInFlight: false };
    return (
      this.#closed.length > 0 || [...this.#open.values()].some((batch) => batch.shouldClose(now, this.#limits) !== null)
    );
  }

  #allClosed(): readonly Batch[] {
    return this.#handedOut === null ? this.#closed : [...this.#closed, this.#handedOut];
  }

  #restLeftMs(): number {
    const waiting = [
      ...this.#closed.map(({ files }) => files.length),
      ...[...this.#open.values()].map(({ size }) => size),
    ];
    // Over all lanes, because the limit of held files may be as low as the limit of one batch.
    const isFull =
      this.#closed.some(({ closeReason }) => closeReason === 'count' || closeReason === 'bytes') ||
      waiting.reduce((sum, files) => sum + files, 0) >= this.#limits.batchMaxFiles;
    return restLeftMs(this.#rest, { atMs: this.#clock.nowMs(), isFull });
  }

  #tellRest(): void {
    const { rest } = this;
    if (this.#dueAtMs !== null || rest === null) return;
    this.#dueAtMs = this.#clock.nowMs();
    this.#emit({ kind: 'rest.begun', ...rest });
  }

  #beginRound(): void {
    const startedAtMs = this.#clock.nowMs();
    const rested = restedMs(this.#rest, { dueAtMs: this.#dueAtMs ?? startedAtMs, startedAtMs });
    this.#round = { startedAtMs, warehouseMs: 0, liveConsumers: 1, restedMs: rested };
    this.#turns = [...inLoadOrder([...this.#closed, ...this.#open.values()])];
    this.#endRest();
    this.#rest = null;
    this.#dueAtMs = null;
  }

  /** Emits how long the rest has delayed a batch that is due, if it has. */
  #endRest(): void {
    if (this.#rest === null || this.#dueAtMs === null) return;
    const delayedMs = restedMs(this.#rest, { dueAtMs: this.#dueAtMs, startedAtMs: this.#clock.nowMs() });
    this.#emit({ kind: 'rest.ended', reason: this.#rest.reason, restedMs: delayedMs });
    this.#dueAtMs = null;
  }

  #endRound(): void {
    if (this.#round === null) return;
    this.#rest = restAfter({ ...this.#round, endedAtMs: this.#clock.nowMs() }, this.#limits);
    this.#round = null;
  }

  /** Takes the next batch of the round; an open batch is closed with `reason`. */
  #take(turn: Batch | OpenBatch, reason: CloseReason): Batch {
    const batch = turn instanceof OpenBatch ? this.#close(turn, reason) : turn;
    this.#turns.shift();
    this.#closed = this.#closed.filter((other) => other !== batch);
    return { ...batch, restedMs: this.#round?.restedMs ?? 0 };
  }

  #answer(batch: Batch | null): void {
    const waiter = this.#waiter;
    this.#waiter = null;
    if (waiter !== null) this.#handedOut = batch;
    waiter?.(batch);
  }

  #openBatch(lane: Lane): OpenBatch {
    const batch = new OpenBatch({ lane, atMs: this.#clock.nowMs(), duringLoad: this.#waiter === null });
    this.#open.set(lane, batch);
    return batch;
  }

  #close(open: OpenBatch, closeReason: CloseReason): Batch {
    this.#open.delete(open.lane);
    this.#closedSoFar += 1;
    const files = open.files();
    const id = batchId({
      consumer: this.#consumer,
      openedAtMs: open.openedAtMs,
      identities: open.identities(),
      nonce: `${this.#closedSoFar} ${this.#random()}`,
    });
    const batch: Batch = {
      id,
      lane: open.lane,
      source: 'live',
      closeReason,
      files,
      bytes: open.bytes,
      openedAtMs: open.openedAtMs,
      closedAtMs: this.#clock.nowMs(),
      restedMs: 0,
    };
    this.#closed.push(batch);
    this.#turns = this.#turns.map((turn) => (turn === open ? batch : turn));
    this.#emit({
      kind: 'batch.closed',
      batchId: id,
      lane: open.lane,
      files: files.length,
      bytes: open.bytes,
      reason: closeReason,
    });
    return batch;
  }
}
