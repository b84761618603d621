import type { Emit } from '../core/events.ts';
import type { LoadStage } from '../core/load.ts';
import { NEXT_STAGE } from '../core/load.ts';
import type { ObjectStore } from '../core/ports.ts';
import type { BackfillProgress } from './backfill-progress.ts';
import { NOTHING } from './backfill-progress.ts';
import type { BackfillParts } from './run-backfill.ts';
import type { ListKeys } from './list-files.ts';
import { listFiles } from './list-files.ts';
import type { BackfillRange } from './plan-backfill.ts';
import { wantedLane } from './plan-backfill.ts';

/** What is known about a running backfill at a moment, for a person who watches. */
export type BackfillState = {
  readonly progress: BackfillProgress;
  /** Files and bytes in all; `isComplete`: the listing has ended, so that they no longer grow. */
  readonly total: { readonly files: number; readonly bytes: number; readonly isComplete: boolean };
  /** Files and bytes of finished batches, and what was read of the others. */
  readonly files: number;
  readonly bytes: number;
  /** What the last batch is doing. */
  readonly stage: LoadStage | null;
  readonly elapsedMs: number;
  /** Bytes per second since the beginning. */
  readonly bytesPerSecond: number;
  /** `null` while it cannot be estimated. */
  readonly leftMs: number | null;
};

/** Measures a backfill from outside: what its store reads, what it reports, and what its range holds in all. */
export class Measure {
  readonly #startedAtMs: number;
  readonly #nowMs: () => number;
  #progress = NOTHING;
  #total = { files: 0, bytes: 0, isComplete: false };
  #read = { files: 0, bytes: 0 };
  #stage: LoadStage | null = null;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#startedAtMs = nowMs();
  }

  /** Passes events on, and takes from them what the loader is doing. */
  watching(emit: Emit): Emit {
    return (event) => {
      if (event.kind === 'load.stage_finished') this.#stage = NEXT_STAGE[event.stage];
      emit(event);
    };
  }

  /** A store that counts what is read from it. */
  counting(store: ObjectStore): ObjectStore {
    return {
      ...store,
      open: async (input) => {
        const object = await store.open(input);
        if (object === null) return null;
        return { ...object, body: this.#counted(object.body) };
      },
    };
  }

  onProgress(progress: BackfillProgress): void {
    this.#progress = progress;
    // What was read belongs to finished batches, or is about as much as is read of the next one.
    const { doneBytes, doneFiles } = progress;
    this.#read = { files: Math.max(this.#read.files, doneFiles), bytes: Math.max(this.#read.bytes, doneBytes) };
  }

  /** Counts what the range holds, while the backfill is already at work on its first pages. */
  async count(
    parts: Pick<BackfillParts, 'settings' | 'store'>,
    range: BackfillRange & { readonly keys: ListKeys | null; readonly signal: AbortSignal },
  ): Promise<void> {
    const { settings } = parts;
    if (range.keys !== null) return;
    for (const pages of listFiles(parts, range)) {
      for await (const { files } of pages) {
        const wanted = files.filter((file) => wantedLane(file, settings, range) !== null);
        const bytes = this.#total.bytes + wanted.reduce((sum, { size }) => sum + size, 0);
        this.#total = { files: this.#total.files + wanted.length, bytes, isComplete: false };
      }
    }
    this.#total = { ...this.#total, isComplete: true };
  }

  state(): BackfillState {
    const progress = this.#progress;
    const total = {
      files: Math.max(this.#total.files, progress.wanted),
      bytes: Math.max(this.#total.bytes, progress.wantedBytes),
      isComplete: this.#total.isComplete,
    };
    const bytes = Math.min(total.bytes, this.#read.bytes);
    const elapsedMs = Math.max(1, this.#nowMs() - this.#startedAtMs);
    const isEstimable = total.isComplete && bytes > 0;
    return {
      progress,
      total,
      files: Math.min(total.files, this.#read.files),
      bytes,
      stage: this.#stage,
      elapsedMs,
      bytesPerSecond: (1000 * bytes) / elapsedMs,
      leftMs: isEstimable ? Math.round(((total.bytes - bytes) * elapsedMs) / bytes) : null,
    };
  }

  async *#counted(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of body) {
      this.#read = { ...this.#read, bytes: this.#read.bytes + chunk.byteLength };
      yield chunk;
    }
    this.#read = { ...this.#read, files: this.#read.files + 1 };
  }
}
