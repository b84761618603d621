import { backoffMs } from '../core/backoff.ts';
import type { Emit } from '../core/events.ts';
import { ingestErrorFrom } from '../core/ingest-error-from.ts';
import type { BatchCallResult, Clock, Queue, QueueMessage, Random } from '../core/ports.ts';
import type { HeldMessage } from '../core/settlement.ts';
import { consumerVerdict } from '../core/verdict.ts';

/** A held message; the body is kept only where it will be needed for parking. */
export type HeldDelivery = HeldMessage & { readonly original: QueueMessage | null };

/**
 * Tries of a call, counted per entry, at least; more while the leases last, because nobody else receives the messages
 * until then. After that they are left to be delivered and recognised again.
 */
const TRIES = 6;
const BETWEEN_TRIES = { minMs: 200, maxMs: 5_000 };

/**
 * Ends messages: deletes, hands back or parks them. Works in the background, so that the next load does not wait for
 * ten-at-a-time calls; `finished` waits for all of it. Acknowledging is not cancelled when the work is: only its retries
 * are cut short then, and what has not ended shortly before the consumer has to be gone.
 */
export class Settler {
  readonly #queue: Queue;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #emit: Emit;
  readonly #leaseMs: number;
  /** Aborted at the end of the drain time: nothing is tried again. */
  readonly #hurry: AbortSignal;
  /** Aborted a little later: what has not ended by then is cut off. */
  readonly #over: AbortSignal;
  readonly #onDone: () => void;
  readonly #underWay = new Set<Promise<void>>();
  #parking = 0;

  constructor(
    dependencies: {
      queue: Queue;
      clock: Clock;
      random: Random;
      emit: Emit;
      hurry: AbortSignal;
      over: AbortSignal;
      visibilitySeconds: number;
    },
    onDone: () => void,
  ) {
    this.#queue = dependencies.queue;
    this.#clock = dependencies.clock;
    this.#random = dependencies.random;
    this.#emit = dependencies.emit;
    this.#hurry = dependencies.hurry;
    this.#over = dependencies.over;
    this.#leaseMs = dependencies.visibilitySeconds * 1000;
    this.#onDone = onDone;
  }

  /** Messages on their way to the dead-letter queue. */
  get parking(): number {
    return this.#parking;
  }

  get isBusy(): boolean {
    return this.#underWay.size > 0;
  }

  /** For messages of which every file's fate is committed, or which carry none. */
  acknowledge(messages: readonly HeldDelivery[]): void {
    const isReadable = ({ parkReason }: HeldDelivery) => parkReason === null;
    const readable = messages.filter(isReadable).map(({ receiptHandle }) => receiptHandle);
    const unreadable = messages.filter((message) => !isReadable(message));
    // Apart: a dead-letter queue that is missing or does not answer keeps no other message from being deleted.
    if (readable.length > 0) this.#inBackground(this.#delete(readable));
    if (unreadable.length > 0) this.#inBackground(this.#parkAll(unreadable));
  }

  /** Hands messages back: they are visible to everybody at once. */
  release(receiptHandles: readonly string[], reason: string): void {
    if (receiptHandles.length > 0) this.#inBackground(this.#release(receiptHandles, reason));
  }

  async finished(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  #inBackground(work: Promise<void>): void {
    const tracked = work.finally(() => {
      this.#underWay.delete(tracked);
      this.#onDone();
    });
    this.#underWay.add(tracked);
  }

  async #parkAll(messages: readonly HeldDelivery[]): Promise<void> {
    this.#parking += messages.length;
    for (const { original, parkReason, receiptHandle } of messages) {
      if (original !== null && parkReason !== null && (await this.#park(original, parkReason)))
        await this.#delete([receiptHandle]);
      this.#parking -= 1;
    }
  }

  async #delete(receiptHandles: readonly string[]): Promise<void> {
    const left = await this.#again(
      'delete',
      receiptHandles,
      async (handles) => await this.#queue.delete(handles, this.#over),
    );
    const count = receiptHandles.length - left.length;
    if (count > 0) this.#emit({ kind: 'message.deleted', count });
    if (left.length > 0) this.#emit({ kind: 'message.kept', action: 'delete', count: left.length, reason: null });
  }

  /** @returns whether the message is on the dead-letter queue; it is deleted only then. */
  async #park(message: QueueMessage, reason: string): Promise<boolean> {
    try {
      await this.#queue.park(message, reason, this.#over);
      return true;
    } catch (error) {
      // Neither deleted nor released: SQS redelivers the message, and the queue's redrive policy counts the receives.
      this.#emit({ kind: 'message.kept', action: 'park', count: 1, reason: ingestErrorFrom(error).message });
      return false;
    }
  }

  async #release(receiptHandles: readonly string[], reason: string): Promise<void> {
    const makeVisible = async (handles: readonly string[]) =>
      await this.#queue.changeVisibility(handles, 0, this.#over);
    const left = await this.#again('release', receiptHandles, makeVisible);
    const count = receiptHandles.length - left.length;
    if (count > 0) this.#emit({ kind: 'message.released', count, reason });
    if (left.length > 0) this.#emit({ kind: 'message.kept', action: 'release', count: left.length, reason });
  }

  /** Repeats a batch call for the entries that failed and may succeed. @returns the entries that never did. */
  async #again(
    action: 'delete' | 'release',
    receiptHandles: readonly string[],
    call: (handles: readonly string[]) => Promise<BatchCallResult>,
  ): Promise<readonly string[]> {
    const untilMs = this.#clock.nowMs() + this.#leaseMs;
    let toDo = receiptHandles;
    const refused: string[] = [];
    for (let attempt = 1; toDo.length > 0; attempt += 1) {
      let sentence: string | undefined;
      try {
        const { failed } = await call(toDo);
        refused.push(...failed.filter((entry) => !entry.retryable).map((entry) => entry.receiptHandle));
        toDo = failed.filter((entry) => entry.retryable).map((entry) => entry.receiptHandle);
        sentence = failed.find((entry) => entry.sentence !== undefined)?.sentence;
      } catch (error) {
        const { code, message } = ingestErrorFrom(error);
        if (consumerVerdict(code).kind === 'stop') break;
        sentence = message;
        // The whole call failed: all of `toDo` again. What it did reach is deleted twice, which is allowed.
      }
      const isOver = attempt >= TRIES && this.#clock.nowMs() >= untilMs;
      if (toDo.length === 0 || isOver || this.#hurry.aborted) break;
      const delayMs = backoffMs(attempt, BETWEEN_TRIES, this.#random);
      if (sentence !== undefined)
        this.#emit({ kind: 'message.retried', action, count: toDo.length, delayMs, sentence });
      await this.#clock.sleep(delayMs, this.#hurry);
    }
    return [...refused, ...toDo];
  }
}
