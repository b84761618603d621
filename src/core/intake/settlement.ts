import type { FileIdentity } from '../file-identity.ts';

/** A held message: received, and neither deleted nor released. Its body has been read and dropped. */
export type HeldMessage = {
  readonly messageId: string;
  readonly receiptHandle: string;
  /** When the queue took the message. */
  readonly sentAtMs: number;
  /** When the receive that brought it was sent: its lease begins no earlier. */
  readonly receivedAtMs: number;
  /** When the receive was answered. */
  readonly answeredAtMs: number;
  /** Set when a part of the message could not be read: the message is parked with this reason instead of deleted. */
  readonly parkReason: string | null;
};

/**
 * The join between files and messages. A message may announce several files, and several messages may announce one file; a
 * message is finished when all its files are settled. Every delivery of a message is held separately, by receipt handle.
 */
export class Settlement<M extends HeldMessage = HeldMessage> {
  readonly #held = new Map<string, Held<M>>();
  // Lists and not sets: nearly always one message waits for a file, and there may be many files.
  readonly #waiting = new Map<FileIdentity, Held<M>[]>();
  #pendingFiles = 0;

  /** Files that are not settled yet, counted once for each message that waits for them. */
  get heldFiles(): number {
    return this.#pendingFiles;
  }

  /** Messages that wait for at least one file. */
  get heldMessages(): number {
    return this.#held.size;
  }

  /** When the message that is held longest was received, epoch ms. */
  get oldestReceivedAtMs(): number | null {
    // A Map keeps the order of insertion, which is the order of receiving.
    for (const { message } of this.#held.values()) return message.receivedAtMs;
    return null;
  }

  /** @returns `finished` when the message has no files to wait for: it can be deleted now. */
  hold(message: M, files: readonly FileIdentity[]): 'held' | 'finished' {
    const distinct = files.length > 1 ? [...new Set(files)] : files;
    if (distinct.length === 0) return 'finished';
    const held = { message, files: distinct, pending: distinct.length };
    this.#held.set(message.receiptHandle, held);
    this.#pendingFiles += held.pending;
    for (const file of distinct) {
      const waiting = this.#waiting.get(file);
      if (waiting === undefined) this.#waiting.set(file, [held]);
      else waiting.push(held);
    }
    return 'held';
  }

  /**
   * Records that these files are settled. Call it only after the commit.
   *
   * @returns the messages that waited for no other file; they are no longer held.
   */
  settle(files: Iterable<FileIdentity>): readonly M[] {
    const finished: M[] = [];
    for (const file of files) {
      const waiting = this.#waiting.get(file) ?? [];
      this.#waiting.delete(file);
      for (const held of waiting) {
        held.pending -= 1;
        this.#pendingFiles -= 1;
        if (held.pending > 0) continue;
        this.#held.delete(held.message.receiptHandle);
        finished.push(held.message);
      }
    }
    return finished;
  }

  /** The messages that wait for at least one of these files. */
  waitingFor(files: Iterable<FileIdentity>): readonly M[] {
    const messages = new Set<M>();
    for (const file of files) for (const { message } of this.#waiting.get(file) ?? []) messages.add(message);
    return [...messages];
  }

  /** The first of the messages that wait for this file; `null` when none does. */
  firstWaitingFor(file: FileIdentity): M | null {
    return this.#waiting.get(file)?.[0]?.message ?? null;
  }

  /** All messages that are held. */
  all(): readonly M[] {
    return [...this.#held.values()].map(({ message }) => message);
  }

  /** Forgets messages that are released. Their files may still be loaded, which does no harm. */
  release(messages: readonly M[]): void {
    for (const { receiptHandle } of messages) {
      const held = this.#held.get(receiptHandle);
      if (held === undefined) continue;
      this.#held.delete(receiptHandle);
      this.#pendingFiles -= held.pending;
      for (const file of held.files) {
        const others = this.#waiting.get(file)?.filter((other) => other !== held) ?? [];
        if (others.length > 0) this.#waiting.set(file, others);
        else this.#waiting.delete(file);
      }
    }
  }
}

type Held<M> = { readonly message: M; readonly files: readonly FileIdentity[]; pending: number };
