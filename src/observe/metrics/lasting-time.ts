import type { Counter } from 'prom-client';

type Lasting = { readonly labels: Record<string, string>; countedToMs: number };

/** Counts the seconds of what lasts, while it lasts: a pause that ends after an hour must not show in the minute of its end. */
export class LastingTime {
  readonly #counter: Counter;
  readonly #now = new Map<string, Lasting>();

  constructor(counter: Counter) {
    this.#counter = counter;
  }

  begin(key: string, labels: Record<string, string>, atMs: number): void {
    this.#now.set(key, { labels, countedToMs: atMs });
  }

  end(key: string, atMs: number): void {
    const lasting = this.#now.get(key);
    if (lasting !== undefined) this.#count(lasting, atMs);
    this.#now.delete(key);
  }

  /** Counts all that lasts up to a time. */
  countTo(atMs: number): void {
    for (const lasting of this.#now.values()) this.#count(lasting, atMs);
  }

  /** A clock that was set back counts nothing. */
  #count(lasting: Lasting, atMs: number): void {
    this.#counter.inc(lasting.labels, Math.max(0, atMs - lasting.countedToMs) / 1000);
    lasting.countedToMs = atMs;
  }
}
