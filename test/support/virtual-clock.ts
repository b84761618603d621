import type { Clock } from '../../src/core/ports.ts';

type Sleeper = { atMs: number; order: number; wake: () => void };

/** A clock that moves only when told to. Everything that waits for a time is woken in the order of the times. */
export class VirtualClock implements Clock {
  #nowMs = Date.UTC(2018, 10, 12, 10);
  #order = 0;
  readonly #sleepers = new Set<Sleeper>();

  nowMs(): number {
    return this.#nowMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return;
    await new Promise<void>((resolve) => {
      const sleeper: Sleeper = {
        atMs: this.#nowMs + ms,
        order: (this.#order += 1),
        wake: () => {
          this.#sleepers.delete(sleeper);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', sleeper.wake, { once: true });
    });
  }

  /** Lets `ms` pass: every sleeper wakes at its time, and all that follows from it happens before the next one. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settled();
    for (;;) {
      const next = [...this.#sleepers].toSorted((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
      await settled();
    }
    this.#nowMs = untilMs;
    await settled();
  }

  /** Advances from wake-up to wake-up until the promise is settled, at most `limitMs`. */
  async runUntil<T>(promise: Promise<T>, limitMs: number): Promise<T> {
    const state = { isSettled: false };
    const watched = promise.finally(() => {
      state.isSettled = true;
    });
    watched.catch(() => undefined);
    const untilMs = this.#nowMs + limitMs;
    await settled();
    while (!state.isSettled) {
      const nextMs = Math.min(...[...this.#sleepers].map((sleeper) => sleeper.atMs));
      if (nextMs > untilMs) throw new Error(`Nothing settled the promise within ${limitMs} ms of virtual time.`);
      await this.advance(Math.max(0, nextMs - this.#nowMs));
    }
    return await watched;
  }
}

/** Lets everything happen that needs no time: all promises that are ready, and what they start. */
async function settled(): Promise<void> {
  for (let round = 0; round < 3; round += 1) await new Promise((resolve) => setImmediate(resolve));
}
