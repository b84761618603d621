/** The bound that was reached: no byte for too long, or too few bytes in total. */
export type TooLong = 'silent' | 'slow';

/**
 * Measures how long this side waits for the peer of one transfer. Time between two waits does not count, so that a slow reader here
 * does not look like a slow peer.
 */
export class Waiting {
  readonly #bounds: { readonly transferMs: number; readonly bytesPerMs: number };
  readonly #onTooLong: (reason: TooLong) => void;
  #timer: NodeJS.Timeout | undefined;
  #sinceMs: number | null = null;
  #waitedMs = 0;
  #limitMs = 0;
  #bytes = 0;

  /** @param onTooLong called once, when a wait reaches its bound. */
  constructor(
    bounds: { readonly transferMs: number; readonly bytesPerMs: number },
    onTooLong: (reason: TooLong) => void,
  ) {
    this.#bounds = bounds;
    this.#onTooLong = onTooLong;
  }

  /** Total of all waits, in ms. */
  get waitedMs(): number {
    return this.#waitedMs;
  }

  /** Maximum length of the last wait, in ms. */
  get limitMs(): number {
    return this.#limitMs;
  }

  /** Waits for the next byte, at most for `silenceMs` and for what is left of the whole transfer. */
  begin(silenceMs: number): void {
    this.end(0);
    const leftMs = this.#bounds.transferMs + this.#bytes / this.#bounds.bytesPerMs - this.#waitedMs;
    const isSlow = leftMs < silenceMs;
    const sinceMs = performance.now();
    this.#sinceMs = sinceMs;
    this.#limitMs = Math.max(0, Math.min(leftMs, silenceMs));
    this.#timer = setTimeout(() => {
      // After a long turn of the event loop, timers run before the bytes that arrived meanwhile are read.
      setImmediate(() => {
        if (this.#sinceMs !== sinceMs) return;
        this.end(0);
        this.#onTooLong(isSlow ? 'slow' : 'silent');
      });
    }, this.#limitMs);
  }

  /** Ends the wait after the transfer of `bytes` bytes. */
  end(bytes: number): void {
    clearTimeout(this.#timer);
    if (this.#sinceMs !== null) this.#waitedMs += performance.now() - this.#sinceMs;
    this.#sinceMs = null;
    this.#bytes += bytes;
  }
}
