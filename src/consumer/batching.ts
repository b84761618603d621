import { inLoadOrder } from '../core/batch-order.ts';
import { batchId } from '../core/batch-id.ts';
import type { BatchLimits } from '../core/batch.ts';
import { OpenBatch } from '../core/batch.ts';
import type { Lane } from '../core/dataset.ts';
import type { Emit } from '../core/events.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { Batch, CloseReason, LoadOutcome } from '../core/load.ts';
import type { Clock, Random } from '../core/ports.ts';
import type { EndedRound, Rest, RestLimits, RestReason } from '../core/rest.ts';
import { restAfter, restedMs, restLeftMs } from '../core/rest.ts';
import { Alarm } from './alarm.ts';

type Round = Omit<EndedRound, 'endedAtMs'> & { readonly restedMs: number };

/**
 * Gathers files in one open batch per lane, closes them by the first reason that holds and hands them out one at a time, in
 * rounds: all batches that there are when a round begins, one after the other, and then a rest. Whoever calls `next` is ready
 * to load: between the calls a load is in flight.
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
  /** What the round under way has still to load. */
  #turns: (Batch | OpenBatch)[] = [];
  #round: Round | null = null;
  /** After the last round; `null` from the beginning of the next one on. */
  #rest: Rest | null = null;
  /** Since when something is due and the rest holds it back. */
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

  get isEmpty(): boolean {
    return this.#closed.length === 0 && this.#open.size === 0 && this.#handedOut === null;
  }

  /** The batch that `next` gave out, until its caller comes back. */
  get handedOut(): Batch | null {
    return this.#handedOut;
  }

  /** Why no round begins now, and for how long; `null` when one may. */
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

  /** The load of the batch that was handed out has committed: what it cost decides about the rest. */
  loaded({ liveConsumers, warehouseMs }: Pick<LoadOutcome, 'liveConsumers' | 'warehouseMs'>): void {
    if (this.#round === null) return;
    this.#round = {
      ...this.#round,
      warehouseMs: this.#round.warehouseMs + warehouseMs,
      liveConsumers: Math.max(this.#round.liveConsumers, liveConsumers),
    };
  }

  /**
   * Waits for the next batch to load. One caller, who comes back when the load has ended.
   *
   * @returns `null` when there will be none.
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
   * Shutdown. When no load is in flight, the batch whose turn it is closes by `drain` and is the last one, whatever is left
   * of a rest; all else stays where it is, for the caller to hand back.
   */
  drain(): void {
    if (this.#waiter !== null) this.#beginRound();
    const first = this.#waiter === null ? undefined : this.#turns[0];
    this.#end(first === undefined ? null : this.#take(first, 'drain'));
  }

  /** Ends at once; what is here stays for the caller to hand back. */
  stop(): void {
    this.#end(null);
  }

  #end(last: Batch | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#alarm.set(null);
    this.#answer(last);
  }

  #look(): void {
    if (this.#ended) return;
    const now = { atMs: this.#clock.nowMs(), loadInFlight: this.#waiter === null };
    // Idle ones wait for their turn: until then they can still grow.
    this.#closeThose(now, ['count', 'bytes']);
    // Closed by age it would grow no more, and nothing would come of it before the rest is over.
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

  /** Whether a round would begin now, were it not for the rest. */
  #isDue(): boolean {
    const now = { atMs: this.#clock.nowMs(), loadInFlight: false };
    return (
      this.#closed.length > 0 || [...this.#open.values()].some((batch) => batch.shouldClose(now, this.#limits) !== null)
    );
  }

  #restLeftMs(): number {
    const waiting = [
      ...this.#closed.map(({ files }) => files.length),
      ...[...this.#open.values()].map(({ size }) => size),
    ];
    // Of all lanes: the bound on held files may be as low as what one batch takes.
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
    this.#rest = null;
    this.#dueAtMs = null;
  }

  #endRound(): void {
    if (this.#round === null) return;
    this.#rest = restAfter({ ...this.#round, endedAtMs: this.#clock.nowMs() }, this.#limits);
    this.#round = null;
  }

  /** Hands out what is first in turn; an open batch is closed with `reason`. */
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
