import type { Emit } from '../core/events.ts';
import { fileIdentity } from '../core/file-identity.ts';
import type { Clock, QueueMessage } from '../core/ports.ts';
import type { Settlement } from '../core/settlement.ts';
import { aborted } from './aborted.ts';
import type { Batching } from './batching.ts';
import type { LeaseKeeper } from './lease.ts';
import type { Receiver } from './receive.ts';
import type { HeldDelivery, Settler } from './settle.ts';

type ShutdownParts = {
  readonly settlement: Settlement<HeldDelivery>;
  readonly batching: Batching;
  readonly leases: LeaseKeeper;
  readonly settler: Settler;
  readonly receiver: Receiver;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly drainMs: number;
  /** Aborted at the end of the drain time, or earlier by the caller. */
  readonly work: AbortController;
  /** Aborted when calls under way have to end. */
  readonly over: AbortController;
};

/** Time after the abort of `work` for the load to return and its messages to be released. */
const OVER_AFTER_MS = 4_000;
/** Time after the abort of `over` for calls to return. A call that ignores its signal is no longer waited for. */
const CUT_OFF_MS = 500;

/** Ends a consumer: receives nothing more, releases the messages that will not be loaded, and counts them. */
export class Shutdown {
  readonly #do: ShutdownParts;
  readonly #begun = new AbortController();
  readonly #ended = new AbortController();
  #left = { messages: 0, files: 0 };

  constructor(parts: ShutdownParts) {
    this.#do = parts;
  }

  /** Aborted when the intake ends. */
  get begun(): AbortSignal {
    return this.#begun.signal;
  }

  /** Held messages that were released, and their files. */
  get left(): { readonly messages: number; readonly files: number } {
    return this.#left;
  }

  /** Ends the intake and, after the drain time, the work. A second call only changes what happens to the open batches. */
  begin(batches: 'drain' | 'stop', reason: string): void {
    const { batching, clock, drainMs, emit, receiver } = this.#do;
    const endBatching = () => (batches === 'drain' ? batching.drain() : batching.stop());
    if (this.#begun.signal.aborted) {
      endBatching();
      return;
    }
    this.#begun.abort();
    emit({ kind: 'consumer.draining', reason, deadlineMs: clock.nowMs() + drainMs });
    endBatching();
    void this.#limit();
    // Another consumer can load the other batches while the last load of this one is under way. Released only after the
    // last poll, which would receive the messages again at once.
    void receiver.end().then(() => this.#handBackNotStarted());
  }

  /** Releases everything that is still held after the last load. Ends in time even if a server does not answer. */
  async letGo(): Promise<void> {
    const { leases, receiver, settlement, settler, work } = this.#do;
    await this.#inTime(receiver.end());
    this.#leave(settlement.all());
    await this.#inTime(settler.finished());
    await this.#inTime(leases.stop());
    this.#ended.abort();
    work.abort();
  }

  /** Makes messages visible to all consumers at once; they are no longer held. */
  handBack(messages: readonly HeldDelivery[], reason: string): void {
    const { leases, receiver, settlement, settler } = this.#do;
    const handles = messages.map((message) => message.receiptHandle);
    settlement.release(messages);
    leases.forget(handles);
    settler.release(handles, reason);
    receiver.forgetEmpty();
    receiver.pump();
  }

  /** Releases the messages of a poll that was under way when the intake ended. They were never held. */
  handBackLate(messages: readonly QueueMessage[]): void {
    this.#left.messages += messages.length;
    const handles = messages.map((message) => message.receiptHandle);
    this.#do.settler.release(handles, 'received while the consumer was stopping');
  }

  /** Waits for the drain time, then a few seconds for calls under way. */
  async #limit(): Promise<void> {
    const { clock, drainMs, over, work } = this.#do;
    await clock.sleep(drainMs, work.signal);
    work.abort();
    await clock.sleep(OVER_AFTER_MS, this.#ended.signal);
    over.abort();
  }

  async #inTime(end: Promise<void>): Promise<void> {
    const { clock, over } = this.#do;
    const patience = async (): Promise<void> => {
      await aborted(over.signal);
      await clock.sleep(CUT_OFF_MS, this.#ended.signal);
    };
    await Promise.race([end, patience()]);
  }

  #handBackNotStarted(): void {
    const { batching, settlement } = this.#do;
    const inFlight = new Set(settlement.waitingFor(batching.handedOut?.files.map(fileIdentity) ?? []));
    this.#leave(settlement.all().filter((message) => !inFlight.has(message)));
  }

  #leave(messages: readonly HeldDelivery[]): void {
    const { settlement } = this.#do;
    const before = settlement.heldFiles;
    this.handBack(messages, 'not started before the consumer stopped');
    this.#left.messages += messages.length;
    this.#left.files += before - settlement.heldFiles;
  }
}
