import type { Emit, IngestEvent } from '../core/events.ts';
import { ingestErrorFrom } from '../core/ingest-error-from.ts';
import type { Clock } from '../core/ports.ts';

const EVERY_MS = 600_000;

/**
 * Reads the ledger after own commits, at most every ten minutes: a warehouse to which nobody loads is left to sleep. A read that fails
 * is only a warning, the first of a row of failures; the next commit causes the next read.
 */
export class ReadAfterCommits {
  readonly #do: { readonly clock: Clock; readonly emit: Emit; readonly read: () => Promise<void> };
  #isDue = false;
  #isFailing = false;
  #wake: () => void = () => undefined;

  constructor(parts: { readonly clock: Clock; readonly emit: Emit; readonly read: () => Promise<void> }) {
    this.#do = parts;
  }

  onEvent({ kind }: IngestEvent): void {
    if (kind !== 'load.committed') return;
    this.#isDue = true;
    this.#wake();
  }

  /** @param ended aborted when the consumer has ended. */
  async run(ended: AbortSignal): Promise<void> {
    ended.addEventListener('abort', () => this.#wake(), { once: true });
    for (;;) {
      if (!this.#isDue && !ended.aborted) await new Promise<void>((resolve) => (this.#wake = resolve));
      if (ended.aborted) return;
      this.#isDue = false;
      await this.#read(ended);
      await this.#do.clock.sleep(EVERY_MS, ended);
    }
  }

  async #read(ended: AbortSignal): Promise<void> {
    try {
      await this.#do.read();
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing && !ended.aborted) {
        const { message } = ingestErrorFrom(error);
        const sentence = `Could not read the ledger, which only the metrics of open files need: ${message}`;
        this.#do.emit({ kind: 'process.warned', sentence });
      }
      this.#isFailing = true;
    }
  }
}
