import type { Emit } from '../core/events.ts';
import type { FileIdentity } from '../core/file-identity.ts';
import type { Clock, Queue, QueueMessage, Random } from '../core/ports.ts';
import { Settlement } from '../core/intake/settlement.ts';
import type { Admission } from './admit.ts';
import { LeaseKeeper } from './lease.ts';
import type { HeldDelivery } from './message-ends.ts';
import { MessageEnds } from './message-ends.ts';

/** The messages that the consumer holds: the files that each one waits for, its lease, and how it leaves. */
export class HeldMessages {
  readonly #settlement = new Settlement<HeldDelivery>();
  readonly #leases: LeaseKeeper;
  readonly #ends: MessageEnds;

  /**
   * @param parts.abort aborted at the end of the drain time: calls that fail are not repeated.
   * @param parts.over aborted a little later: calls under way end.
   * @param onEnded called whenever messages have left.
   */
  constructor(
    parts: {
      readonly queue: Queue;
      readonly clock: Clock;
      readonly random: Random;
      readonly emit: Emit;
      readonly visibilitySeconds: number;
      readonly abort: AbortSignal;
      readonly over: AbortSignal;
    },
    onEnded: () => void,
  ) {
    this.#leases = new LeaseKeeper(parts);
    this.#ends = new MessageEnds(parts, onEnded);
  }

  get heldFiles(): number {
    return this.#settlement.heldFiles;
  }

  get heldMessages(): number {
    return this.#settlement.heldMessages;
  }

  get oldestReceivedAtMs(): number | null {
    return this.#settlement.oldestReceivedAtMs;
  }

  /** Messages on their way to the dead-letter queue. */
  get parking(): number {
    return this.#ends.parking;
  }

  /** Whether nothing is held, and nothing is on its way out. */
  get isEmpty(): boolean {
    return this.#settlement.heldMessages === 0 && !this.#ends.isBusy;
  }

  /** Holds messages until all of their files are settled; one that waits for no file leaves at once. */
  hold(admissions: readonly Admission[], receivedAtMs: number): void {
    const finished: HeldDelivery[] = [];
    const held: string[] = [];
    for (const { files, message } of admissions) {
      const identities = files.map((file) => file.identity);
      if (this.#settlement.hold(message, identities) === 'finished') finished.push(message);
      else held.push(message.receiptHandle);
    }
    this.#leases.hold(held, receivedAtMs);
    this.#ends.end(finished);
  }

  /** The fate of these files is committed: messages that wait for no other file leave. For nothing but after a commit. */
  filesSettled(files: Iterable<FileIdentity>): void {
    const finished = this.#settlement.settle(files);
    this.#leases.forget(handlesOf(finished));
    this.#ends.end(finished);
  }

  /** Gives messages back to the queue: every consumer may receive them at once. @returns how many files they waited for. */
  release(messages: readonly HeldDelivery[], reason: string): number {
    const before = this.#settlement.heldFiles;
    this.#forget(messages);
    this.#ends.release(handlesOf(messages), reason);
    return before - this.#settlement.heldFiles;
  }

  /** Gives messages back to the queue, which delivers each of them later, the later the more often it was delivered. */
  releaseForLater(messages: readonly HeldDelivery[], reason: string): void {
    this.#forget(messages);
    for (const [afterSeconds, some] of Map.groupBy(messages, laterSeconds)) {
      this.#ends.release(handlesOf(some), reason, afterSeconds);
    }
  }

  #forget(messages: readonly HeldDelivery[]): void {
    this.#settlement.release(messages);
    this.#leases.forget(handlesOf(messages));
  }

  /** Gives messages back to the queue that were received and never held. */
  releaseUnheld(messages: readonly QueueMessage[], reason: string): void {
    this.#ends.release(handlesOf(messages), reason);
  }

  /** The messages that wait for at least one of these files. */
  waitingFor(files: Iterable<FileIdentity>): readonly HeldDelivery[] {
    return this.#settlement.waitingFor(files);
  }

  /** As `Settlement.firstWaitingFor`. */
  firstWaitingFor(file: FileIdentity): HeldDelivery | null {
    return this.#settlement.firstWaitingFor(file);
  }

  all(): readonly HeldDelivery[] {
    return this.#settlement.all();
  }

  /** Resolves when all messages that are to leave have left. */
  async haveLeft(): Promise<void> {
    await this.#ends.finished();
  }

  /** No lease is renewed any more. */
  async stopRenewing(): Promise<void> {
    await this.#leases.stop();
  }
}

/** With a redrive policy of a hundred receives, a message is delivered for a day. */
const LATER = { leastSeconds: 45, mostSeconds: 900 };

function laterSeconds({ receiveCount }: HeldDelivery): number {
  return Math.min(LATER.mostSeconds, LATER.leastSeconds * 2 ** Math.min(receiveCount - 1, 10));
}

function handlesOf(messages: readonly { readonly receiptHandle: string }[]): readonly string[] {
  return messages.map(({ receiptHandle }) => receiptHandle);
}
