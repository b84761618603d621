import type { Lane } from './dataset.ts';
import type { FileEvent } from './file-event.ts';
import type { FileIdentity } from './file-identity.ts';
import { fileIdentity } from './file-identity.ts';
import type { CloseReason } from './load.ts';

/** When a batch closes, whatever else happens. */
export type BatchLimits = {
  /** How long a batch waits for company while no load is in flight. */
  readonly lingerMs: number;
  readonly batchMaxFiles: number;
  readonly batchMaxBytes: number;
  /** Longest time a batch stays open, load in flight or not. */
  readonly batchMaxAgeMs: number;
};

/**
 * The open batch of one lane. It says when it should close; the caller owns the clock and the timer, and closes it by
 * taking its files and forgetting it. One owner, so it may change in place: 5,000 copies of a growing list would cost
 * more than all else the consumer does.
 */
export class OpenBatch {
  readonly lane: Lane;
  readonly openedAtMs: number;
  /** Opened while another batch was being loaded: that load was its linger. */
  readonly openedDuringLoad: boolean;
  readonly #files = new Map<FileIdentity, FileEvent>();
  #bytes = 0;

  constructor(opened: { lane: Lane; atMs: number; duringLoad: boolean }) {
    this.lane = opened.lane;
    this.openedAtMs = opened.atMs;
    this.openedDuringLoad = opened.duringLoad;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#files.size;
  }

  files(): readonly FileEvent[] {
    return [...this.#files.values()];
  }

  identities(): readonly FileIdentity[] {
    return [...this.#files.keys()];
  }

  /**
   * Whether the batch has to close before this file may be added. A file that is larger than the limit on its own is
   * taken by an empty batch: it has to go somewhere.
   */
  overflowsWith(file: FileEvent, limits: BatchLimits): boolean {
    if (this.#files.size === 0 || this.#files.has(fileIdentity(file))) return false;
    return this.#bytes + file.size > limits.batchMaxBytes;
  }

  /** Adds a file once, however often it is announced. */
  add(file: FileEvent): 'added' | 'already_there' {
    const identity = fileIdentity(file);
    if (this.#files.has(identity)) return 'already_there';
    this.#files.set(identity, file);
    this.#bytes += file.size;
    return 'added';
  }

  /** The first reason that holds now, or `null` while the batch stays open. `drain` is the caller's own reason. */
  shouldClose(now: { atMs: number; loadInFlight: boolean }, limits: BatchLimits): CloseReason | null {
    if (this.#files.size === 0) return null;
    if (this.#files.size >= limits.batchMaxFiles) return 'count';
    if (this.#bytes >= limits.batchMaxBytes) return 'bytes';
    const ageMs = now.atMs - this.openedAtMs;
    // A clock that was set back tells no age, and nobody knows for how long it will not.
    if (ageMs >= limits.batchMaxAgeMs || ageMs < -limits.lingerMs) return 'age';
    if (!now.loadInFlight && now.atMs >= this.#idleAtMs(limits)) return 'idle';
    return null;
  }

  /** When `shouldClose` will say something without further files: the time for the caller's timer. Epoch ms. */
  closesAtMs(now: { loadInFlight: boolean }, limits: BatchLimits): number {
    const agedAtMs = this.openedAtMs + limits.batchMaxAgeMs;
    return now.loadInFlight ? agedAtMs : Math.min(agedAtMs, this.#idleAtMs(limits));
  }

  /**
   * The linger counts from the opening, not from the last file: a steady trickle would put off a batch again and again.
   * A batch that gathered while a load was in flight has lingered as long as that load and closes when it ends; that is
   * what makes batches grow with the traffic and with nothing else.
   */
  #idleAtMs(limits: BatchLimits): number {
    return this.openedDuringLoad ? this.openedAtMs : this.openedAtMs + limits.lingerMs;
  }
}
