import type { FileIdentity } from './file-identity.ts';

/** A message that is held: received, and neither acknowledged nor handed back. Its body is already read and forgotten. */
export type HeldMessage = {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly receivedAtMs: number;
  /** Set when a part of the message could not be read: it is parked with this reason instead of deleted. */
  readonly parkReason: string | null;
};

/**
 * The join between files and messages. One message may carry several files and one file may be announced by several
 * messages; a message is finished when the fate of all its files is committed. Every delivery is held for itself (by
 * receipt handle), also a second one of the same message.
 */
export class Settlement<M extends HeldMessage = HeldMessage> {
  readonly #held = new Map<string, { readonly message: M; readonly pending: Set<FileIdentity> }>();
  readonly #waiting = new Map<FileIdentity, Set<string>>();
  #pendingFiles = 0;

  /** Files whose fate is not committed yet, counted once for each message that waits for them. */
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

  /** @returns `finished` when there is nothing to wait for: the message can be acknowledged now. */
  hold(message: M, files: readonly FileIdentity[]): 'held' | 'finished' {
    const pending = new Set(files);
    if (pending.size === 0) return 'finished';
    this.#held.set(message.receiptHandle, { message, pending });
    this.#pendingFiles += pending.size;
    for (const file of pending) {
      const handles = this.#waiting.get(file);
      if (handles === undefined) this.#waiting.set(file, new Set([message.receiptHandle]));
      else handles.add(message.receiptHandle);
    }
    return 'held';
  }

  /**
   * Notes that the fate of these files is committed. To be called after the commit and for nothing else.
   *
   * @returns the messages that waited for nothing else; they are no longer held here.
   */
  settle(files: Iterable<FileIdentity>): readonly M[] {
    const finished: M[] = [];
    for (const file of files) {
      const handles = this.#waiting.get(file) ?? [];
      this.#waiting.delete(file);
      for (const handle of handles) {
        const held = this.#held.get(handle);
        if (held === undefined) continue;
        held.pending.delete(file);
        this.#pendingFiles -= 1;
        if (held.pending.size > 0) continue;
        this.#held.delete(handle);
        finished.push(held.message);
      }
    }
    return finished;
  }

  /** The messages that wait for at least one of these files. */
  waitingFor(files: Iterable<FileIdentity>): readonly M[] {
    const handles = new Set<string>();
    for (const file of files) for (const handle of this.#waiting.get(file) ?? []) handles.add(handle);
    return [...handles].flatMap((handle) => this.#held.get(handle)?.message ?? []);
  }

  /** All messages that are held. */
  all(): readonly M[] {
    return [...this.#held.values()].map(({ message }) => message);
  }

  /** Forgets messages that are handed back to the queue; their files may still be loaded, that does no harm. */
  release(messages: readonly M[]): void {
    for (const { receiptHandle } of messages) {
      const held = this.#held.get(receiptHandle);
      if (held === undefined) continue;
      this.#held.delete(receiptHandle);
      this.#pendingFiles -= held.pending.size;
      for (const file of held.pending) {
        const handles = this.#waiting.get(file);
        handles?.delete(receiptHandle);
        if (handles?.size === 0) this.#waiting.delete(file);
      }
    }
  }
}
