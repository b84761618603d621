import type { Lane } from '../dataset.ts';
import type { FileEvent } from '../file-event.ts';
import type { FileIdentity } from '../file-identity.ts';
import { fileIdentity } from '../file-identity.ts';
import type { CloseReason } from '../load.ts';
import { isMeasured } from '../measures.ts';

/** Limits at which a batch closes. */
export type BatchLimits = {
  /** How long a batch waits for more files while no load is in flight. */
  readonly lingerMs: number;
  readonly batchMaxFiles: number;
  readonly batchMaxBytes: number;
  /** Maximum time a batch stays open, load in flight or not. */
  readonly batchMaxAgeMs: number;
};

/**
 * The open batch of one lane. It decides when it should close; the caller owns the clock and the timer. It has one owner and
 * therefore changes in place: copying a growing list 5,000 times would cost more than everything else the consumer does.
 */
export class OpenBatch {
  readonly lane: Lane;
  readonly openedAtMs: number;
  /** The batch was opened while another one was being loaded: that load replaces its linger. */
  readonly openedDuringLoad: boolean;
  readonly #files = new Map<FileIdentity, FileEvent>();
  #bytes = 0;
  #oldestPutAtMs = Number.POSITIVE_INFINITY;

  constructor(opened: { lane: Lane; atMs: number; duringLoad: boolean }) {
    this.lane = opened.lane;
    this.openedAtMs = opened.atMs;
    this.openedDuringLoad = opened.duringLoad;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The oldest time of an event among its measured files; infinity without one. */
  get oldestPutAtMs(): number {
    return this.#oldestPutAtMs;
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
   * Whether the batch has to close before this file can be added. An empty batch takes any file, even one that is larger than
   * the limit.
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
    if (isMeasured(file)) this.#oldestPutAtMs = Math.min(this.#oldestPutAtMs, file.eventTimeMs);
    return 'added';
  }

  /** The first reason that holds now, or `null` while the batch stays open. `drain` is the caller's own reason. */
  shouldClose(now: { atMs: number; loadInFlight: boolean }, limits: BatchLimits): CloseReason | null {
    if (this.#files.size === 0) return null;
    if (this.#files.size >= limits.batchMaxFiles) return 'count';
    if (this.#bytes >= limits.batchMaxBytes) return 'bytes';
    const ageMs = now.atMs - this.openedAtMs;
    // After a clock was set back, the age is unknown: close now.
    if (ageMs >= limits.batchMaxAgeMs || ageMs < -limits.lingerMs) return 'age';
    if (!now.loadInFlight && now.atMs >= this.#idleAtMs(limits)) return 'idle';
    return null;
  }

  /** When `shouldClose` will return a reason without further files: the time for the caller's timer. Epoch ms. */
  closesAtMs(now: { loadInFlight: boolean }, limits: BatchLimits): number {
    const agedAtMs = this.openedAtMs + limits.batchMaxAgeMs;
    return now.loadInFlight ? agedAtMs : Math.min(agedAtMs, this.#idleAtMs(limits));
  }

  /**
   * The linger counts from the opening and not from the last file, which a steady trickle of files would keep moving. A batch
   * that was opened during a load closes when that load ends, so that batches grow with the traffic.
   */
  #idleAtMs(limits: BatchLimits): number {
    return this.openedDuringLoad ? this.openedAtMs : this.openedAtMs + limits.lingerMs;
  }
}
