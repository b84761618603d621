import { once } from 'node:events';
import type { Emit } from '../core/events.ts';
import { fileIdentity } from '../core/file-identity.ts';
import type { Clock, QueueMessage } from '../core/ports.ts';
import type { Batching } from './batching.ts';
import type { HeldMessages } from './held-messages.ts';
import type { HeldDelivery } from './message-ends.ts';
import type { Receiver } from './receive.ts';

type ShutdownParts = {
  readonly held: HeldMessages;
  readonly batching: Batching;
  readonly receiver: Receiver;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly drainMs: number;
  /** Aborted at the end of the drain time, or earlier by the caller. */
  readonly abort: AbortController;
  /** Aborted when calls under way have to end. */
  readonly over: AbortController;
};

/** Time after `abort` for the load to return and its messages to be released. */
const OVER_AFTER_MS = 4_000;
/** Time after `over` for calls to return. A call that ignores its signal is no longer waited for. */
const CUT_OFF_MS = 500;

/** Ends a consumer: receives nothing more, releases the messages that will not be loaded, and counts them. */
export class Shutdown {
  readonly #do: ShutdownParts;
  readonly #draining = new AbortController();
  readonly #ended = new AbortController();
  #left = { messages: 0, files: 0 };

  constructor(parts: ShutdownParts) {
    this.#do = parts;
  }

  /** Aborted when the intake ends. */
  get draining(): AbortSignal {
    return this.#draining.signal;
  }

  /** Held messages that were released, and their files. */
  get left(): { readonly messages: number; readonly files: number } {
    return this.#left;
  }

  /** Ends the intake and, after the drain time, the work. A second call only changes what happens to the open batches. */
  begin(batches: 'drain' | 'stop', reason: string): void {
    const { batching, clock, drainMs, emit, receiver } = this.#do;
    const endBatching = () => (batches === 'drain' ? batching.drain() : batching.stop());
    if (this.#draining.signal.aborted) {
      endBatching();
      return;
    }
    this.#draining.abort();
    emit({ kind: 'consumer.draining', reason, deadlineMs: clock.nowMs() + drainMs });
    endBatching();
    void this.#limit();
    // Another consumer can load the other batches while the last load of this one is under way. Released only after the
    // last poll, which would receive the messages again at once.
    void receiver.end().then(() => this.#releaseNotStarted());
  }

  /** Releases everything that is still held after the last load. Ends in time even if a server does not answer. */
  async letGo(): Promise<void> {
    const { abort, held, receiver } = this.#do;
    await this.#inTime(receiver.end());
    this.#release(held.all());
    await this.#inTime(held.haveLeft());
    await this.#inTime(held.stopRenewing());
    this.#ended.abort();
    abort.abort();
  }

  /** Messages of a poll that was under way when the intake ended. They were never held. */
  releaseLate(messages: readonly QueueMessage[]): void {
    this.#left.messages += messages.length;
    this.#do.held.releaseUnheld(messages, 'received while the consumer was stopping');
  }

  /** Waits for the drain time, then a few seconds for calls under way. */
  async #limit(): Promise<void> {
    const { abort, clock, drainMs, over } = this.#do;
    await clock.sleep(drainMs, abort.signal);
    abort.abort();
    await clock.sleep(OVER_AFTER_MS, this.#ended.signal);
    over.abort();
  }

  async #inTime(end: Promise<void>): Promise<void> {
    const { clock, over } = this.#do;
    const patience = async (): Promise<void> => {
      if (!over.signal.aborted) await once(over.signal, 'abort');
      await clock.sleep(CUT_OFF_MS, this.#ended.signal);
    };
    await Promise.race([end, patience()]);
  }

  #releaseNotStarted(): void {
    const { batching, held } = this.#do;
    const inFlight = new Set(held.waitingFor(batching.handedOut?.files.map(fileIdentity) ?? []));
    this.#release(held.all().filter((message) => !inFlight.has(message)));
  }

  #release(messages: readonly HeldDelivery[]): void {
    this.#left.messages += messages.length;
    this.#left.files += this.#do.held.release(messages, 'not started before the consumer stopped');
  }
}
