import { backoffMs } from '../core/backoff.ts';
import type { Emit } from '../core/events.ts';
import { ingestErrorFrom } from '../core/ingest-error-from.ts';
import type { BatchCallResult, Clock, Queue, QueueMessage, Random } from '../core/ports.ts';
import type { HeldMessage } from '../core/intake/settlement.ts';
import { ERROR_POLICY } from '../core/verdict.ts';

/** A held message. The body is kept only if the message will be parked. `receiveCount`: deliveries so far. */
export type HeldDelivery = HeldMessage & { readonly original: QueueMessage | null; readonly receiveCount: number };

/**
 * Minimum attempts per entry. The consumer keeps trying while the lease lasts, because no other consumer can receive the
 * message until then. Afterwards SQS redelivers the message, and the ledger recognises its files.
 */
const TRIES = 6;
const BETWEEN_TRIES = { minMs: 200, maxMs: 5_000 };

/**
 * Deletes, releases or parks messages in the background, so that the next load does not wait for calls of ten entries;
 * `finished` waits for all of them. At the end of the drain time a call under way goes on and only its retries stop; a few
 * seconds later the call is aborted too.
 */
export class MessageEnds {
  readonly #queue: Queue;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #emit: Emit;
  readonly #leaseMs: number;
  /** Aborted at the end of the drain time: no further attempts. */
  readonly #abort: AbortSignal;
  /** Aborted a few seconds later: calls under way are aborted. */
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
      abort: AbortSignal;
      over: AbortSignal;
      visibilitySeconds: number;
    },
    onDone: () => void,
  ) {
    this.#queue = dependencies.queue;
    this.#clock = dependencies.clock;
    this.#random = dependencies.random;
    this.#emit = dependencies.emit;
    this.#abort = dependencies.abort;
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

  /** For messages without files, or whose files are all settled: deletes readable messages and parks the others. */
  end(messages: readonly HeldDelivery[]): void {
    const isReadable = ({ parkReason }: HeldDelivery) => parkReason === null;
    const readable = messages.filter(isReadable).map(({ receiptHandle }) => receiptHandle);
    const unreadable = messages.filter((message) => !isReadable(message));
    // Separately, so that a missing or silent dead-letter queue does not delay the deletion of other messages.
    if (readable.length > 0) this.#inBackground(this.#delete(readable));
    if (unreadable.length > 0) this.#inBackground(this.#parkAll(unreadable));
  }

  /** Makes messages visible to all consumers after `afterSeconds`. */
  release(receiptHandles: readonly string[], reason: string, afterSeconds = 0): void {
    if (receiptHandles.length > 0) this.#inBackground(this.#release(receiptHandles, reason, afterSeconds));
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
      if (original !== null && parkReason !== null && (await this.#park(original, parkReason))) {
        this.#emit({ kind: 'message.parked', count: 1 });
        await this.#delete([receiptHandle]);
      }
      this.#parking -= 1;
    }
  }

  async #delete(receiptHandles: readonly string[]): Promise<void> {
    const { left, reason } = await this.#again(
      'delete',
      receiptHandles,
      async (handles) => await this.#queue.delete(handles, this.#over),
    );
    const count = receiptHandles.length - left.length;
    if (count > 0) this.#emit({ kind: 'message.deleted', count });
    if (left.length > 0) this.#emit({ kind: 'message.kept', action: 'delete', count: left.length, reason });
  }

  /** @returns whether the message is on the dead-letter queue. Only then may it be deleted. */
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

  async #release(receiptHandles: readonly string[], reason: string, afterSeconds: number): Promise<void> {
    const makeVisible = async (handles: readonly string[]) =>
      await this.#queue.changeVisibility(handles, afterSeconds, this.#over);
    const ends = await this.#again('release', receiptHandles, makeVisible);
    const { length: kept } = ends.left;
    const count = receiptHandles.length - kept;
    if (count > 0) this.#emit({ kind: 'message.released', count, reason, afterSeconds });
    if (kept > 0) this.#emit({ kind: 'message.kept', action: 'release', count: kept, reason: ends.reason });
  }

  /** Repeats a batch call for the entries whose failure is retryable. @returns the entries that never succeeded, and why the last one failed. */
  async #again(
    action: 'delete' | 'release',
    receiptHandles: readonly string[],
    call: (handles: readonly string[]) => Promise<BatchCallResult>,
  ): Promise<{ readonly left: readonly string[]; readonly reason: string | null }> {
    const untilMs = this.#clock.nowMs() + this.#leaseMs;
    let toDo = receiptHandles;
    const refused: string[] = [];
    let reason: string | null = null;
    for (let attempt = 1; toDo.length > 0; attempt += 1) {
      let sentence: string | undefined;
      try {
        const { failed } = await call(toDo);
        refused.push(...failed.filter((entry) => !entry.retryable).map((entry) => entry.receiptHandle));
        toDo = failed.filter((entry) => entry.retryable).map((entry) => entry.receiptHandle);
        sentence = failed.find((entry) => entry.sentence !== undefined)?.sentence;
        reason = sentence ?? failed.at(-1)?.code ?? reason;
      } catch (error) {
        const { code, message } = ingestErrorFrom(error);
        reason = message;
        if (ERROR_POLICY[code].then.kind === 'stop') break;
        sentence = message;
        // The whole call failed, so all entries are sent again. Deleting a message twice is allowed.
      }
      const isOver = attempt >= TRIES && this.#clock.nowMs() >= untilMs;
      if (toDo.length === 0 || isOver || this.#abort.aborted) break;
      const delayMs = backoffMs(attempt, BETWEEN_TRIES, this.#random);
      if (sentence !== undefined)
        this.#emit({ kind: 'message.retried', action, count: toDo.length, delayMs, sentence });
      await this.#clock.sleep(delayMs, this.#abort);
    }
    return { left: [...refused, ...toDo], reason };
  }
}
