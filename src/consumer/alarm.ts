import type { Clock } from '../core/ports.ts';

/** A timer that can be set again. It rings once, at the time that was set last. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #atMs: number | null = null;
  #sleep: AbortController | null = null;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** @param atMs epoch ms; a past time rings at once (after this call), `null` switches the timer off. */
  set(atMs: number | null): void {
    if (atMs === this.#atMs) return;
    this.#sleep?.abort();
    this.#atMs = atMs;
    this.#sleep = null;
    if (atMs === null) return;
    const sleep = new AbortController();
    this.#sleep = sleep;
    void this.#clock.sleep(Math.max(0, atMs - this.#clock.nowMs()), sleep.signal).then(() => {
      if (sleep.signal.aborted) return;
      this.#atMs = null;
      this.#ring();
    });
  }
}
