import { nextToLoad } from '../core/batch-order.ts';
import { batchId } from '../core/batch-id.ts';
import type { BatchLimits } from '../core/batch.ts';
import { OpenBatch } from '../core/batch.ts';
import type { Lane } from '../core/dataset.ts';
import type { Emit } from '../core/events.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { Batch, CloseReason } from '../core/load.ts';
import type { Clock, Random } from '../core/ports.ts';
import { Alarm } from './alarm.ts';

/**
 * Gathers files in one open batch per lane, closes them by the first reason that holds and hands them out one at a time.
 * Whoever calls `next` is ready to load: between the calls a load is in flight.
 */
export class Batching {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #emit: Emit;
  readonly #limits: BatchLimits;
  readonly #consumer: string;
  readonly #open = new Map<Lane, OpenBatch>();
  readonly #alarm: Alarm;
  #closed: Batch[] = [];
  #waiter: ((batch: Batch | null) => void) | null = null;
  #handedOut: Batch | null = null;
  #ended = false;
  #closedSoFar = 0;

  constructor(input: { clock: Clock; random: Random; emit: Emit; limits: BatchLimits; consumer: string }) {
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

  add(lane: Lane, file: FileEvent): void {
    const current = this.#open.get(lane);
    if (current?.overflowsWith(file, this.#limits) === true) this.#close(current, 'bytes');
    const batch = this.#open.get(lane) ?? this.#openBatch(lane);
    batch.add(file);
    this.#look();
  }

  /**
   * Waits for the next batch to load. One caller, who comes back when the load has ended.
   *
   * @returns `null` when there will be none.
   */
  async next(): Promise<Batch | null> {
    this.#handedOut = null;
    if (this.#ended) return null;
    return await new Promise((resolve) => {
      this.#waiter = resolve;
      this.#look();
    });
  }

  /**
   * Shutdown. When no load is in flight, the batch whose turn it is closes by `drain` and is the last one; all else stays
   * where it is, for the caller to hand back.
   */
  drain(): void {
    const last = this.#waiter === null ? null : this.#choose('drain');
    this.#end(last);
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
    for (const batch of this.#open.values()) {
      const reason = batch.shouldClose(now, this.#limits);
      // Idle ones wait for their turn: until then they can still grow.
      if (reason !== null && reason !== 'idle') this.#close(batch, reason);
    }
    if (this.#waiter !== null) {
      const isDue = [...this.#open.values()].some((batch) => batch.shouldClose(now, this.#limits) !== null);
      if (isDue || this.#closed.length > 0) this.#answer(this.#choose('idle'));
    }
    this.#setAlarm();
  }

  #setAlarm(): void {
    const now = { loadInFlight: this.#waiter === null };
    const times = [...this.#open.values()].map((batch) => batch.closesAtMs(now, this.#limits));
    this.#alarm.set(times.length === 0 ? null : Math.min(...times));
  }

  /** Whose turn it is; an open batch is closed with `reason`. Called only while no load is in flight. */
  #choose(reason: CloseReason): Batch | null {
    const candidates = [...this.#closed, ...this.#open.values()];
    // A batch may be passed over for as long as it takes another one to close by age, twice.
    const passedOverMaxMs = 2 * this.#limits.batchMaxAgeMs;
    const chosen = nextToLoad(candidates, { atMs: this.#clock.nowMs(), passedOverMaxMs });
    if (chosen === null) return null;
    const batch = chosen instanceof OpenBatch ? this.#close(chosen, reason) : chosen;
    this.#closed = this.#closed.filter((other) => other !== batch);
    return batch;
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
    };
    this.#closed.push(batch);
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
