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
    this.countTo(atMs, key);
    this.#now.delete(key);
  }

  /** @param only counts this one; without it, all. A clock that was set back counts nothing. */
  countTo(atMs: number, only?: string): void {
    for (const [key, lasting] of this.#now) {
      if (only !== undefined && key !== only) continue;
      this.#counter.inc(lasting.labels, Math.max(0, atMs - lasting.countedToMs) / 1000);
      lasting.countedToMs = atMs;
    }
  }
}
