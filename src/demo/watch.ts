import { IngestError } from '../core/errors.ts';
import type { Emit, IngestEvent } from '../core/events.ts';
import type { FileStatus } from '../core/file-event.ts';

/** How a file was settled, and in which load. */
export type Seen = {
  readonly status: FileStatus;
  readonly reason: string | null;
  readonly committedAtMs: number;
};

/** Collects the consumer's events, so that the story can wait for them. */
export class Watch {
  readonly #seen = new Map<string, Seen[]>();
  readonly #listeners = new Set<() => void>();
  readonly #onEvent: (event: IngestEvent) => void;
  #failure: Error | null = null;
  /** Sum over all loads. */
  repaired = 0;
  written = 0;

  constructor(onEvent: (event: IngestEvent) => void) {
    this.#onEvent = onEvent;
  }

  readonly emit: Emit = (event) => {
    if (event.kind === 'load.committed') {
      const { counts, committedAtMs } = event.outcome;
      this.repaired += counts.repaired;
      this.written += counts.inserted + counts.updated + counts.repaired;
      for (const { file, status, reason } of event.outcome.files) {
        const before = this.#seen.get(file.key) ?? [];
        this.#seen.set(file.key, [...before, { status, reason, committedAtMs }]);
      }
    }
    this.#onEvent(event);
    this.#tell();
  };

  /** The consumer has ended: all waits fail. */
  fail(error: Error): void {
    this.#failure = error;
    this.#tell();
  }

  lastOf(key: string): Seen | null {
    return this.#seen.get(key)?.at(-1) ?? null;
  }

  /** Waits until each key has been settled at least `times` times since the start. */
  async settled(keys: readonly string[], times: number, signal: AbortSignal): Promise<void> {
    await this.#until(
      () => keys.every((key) => (this.#seen.get(key)?.length ?? 0) >= times),
      `${keys.length} files to be settled`,
      signal,
    );
  }

  async #until(condition: () => boolean, what: string, signal: AbortSignal): Promise<void> {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    await new Promise<void>((resolve, reject) => {
      const finish = (act: () => void): void => {
        this.#listeners.delete(look);
        act();
      };
      const look = (): void => {
        if (this.#failure !== null) finish(() => reject(this.#failure ?? new Error('failed')));
        else if (signal.aborted) finish(() => reject(new IngestError('aborted', 'The demo was stopped.')));
        else if (patience.aborted) {
          const sentence = `Waited ${PATIENCE_MS / 1000} s for ${what}; this machine may be overloaded.`;
          finish(() => reject(new IngestError('timeout', sentence)));
        } else if (condition()) finish(resolve);
      };
      this.#listeners.add(look);
      for (const ended of [signal, patience]) ended.addEventListener('abort', look, { once: true });
      look();
    });
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

const PATIENCE_MS = 60_000;
