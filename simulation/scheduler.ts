import { setImmediate as nextTurn } from 'node:timers/promises';

/** Somebody is at work whom no act wakes (a thread, a turn of the event loop). May be released more than once. */
export type Hold = { release(): void };

/** Longer than any work within a turn of the world takes. */
const HELD_AT_MOST_MS = 60_000;

/** A planned act that can still be called off. */
export type Planned = { cancel(): void };

type Event = { readonly atMs: number; readonly order: number; readonly act: () => void; isOff: boolean };

/**
 * Virtual time. Everything that happens is an act planned for a time; acts of one time happen in the order in which they
 * were planned, and all that follows from an act without needing time happens before the next: no time passes while
 * somebody holds it. So a run is a function of what was planned and nothing else.
 */
export class Scheduler {
  #nowMs: number;
  #planned = 0;
  #holds = 0;
  /** Latest first: the next act is taken from the end. */
  readonly #events: Event[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, act: () => void): Planned {
    this.#planned += 1;
    const event: Event = {
      atMs: this.#nowMs + Math.max(0, Math.round(delayMs)),
      order: this.#planned,
      act,
      isOff: false,
    };
    let [low, high] = [0, this.#events.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#events[middle];
      if (other !== undefined && other.atMs > event.atMs) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, event);
    return {
      cancel: () => {
        event.isOff = true;
      },
    };
  }

  /** No time passes until the hold is released. */
  hold(): Hold {
    this.#holds += 1;
    let isHeld = true;
    return {
      release: () => {
        if (isHeld) this.#holds -= 1;
        isHeld = false;
      },
    };
  }

  async sleep(delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.after(delayMs, resolve);
    });
  }

  /**
   * Lets time pass until `isDone`, asked after every act, or until the deadline.
   *
   * @returns whether it was done.
   */
  async runUntil(isDone: () => boolean, deadlineMs: number): Promise<boolean> {
    await this.#allThatNeedsNoTime();
    while (!isDone()) {
      const next = this.#events.pop();
      if (next === undefined) return false;
      if (next.isOff) continue;
      if (next.atMs > deadlineMs) {
        this.#events.push(next);
        return false;
      }
      this.#nowMs = next.atMs;
      next.act();
      await this.#allThatNeedsNoTime();
    }
    return true;
  }

  /** Node empties the queue of promise reactions before it turns to the next immediate; whoever waits for more than that holds the time. */
  async #allThatNeedsNoTime(): Promise<void> {
    await nextTurn();
    if (this.#holds === 0) return;
    const giveUpAtMs = performance.now() + HELD_AT_MOST_MS;
    while (this.#holds > 0) {
      if (performance.now() > giveUpAtMs) throw new Error(`Somebody has held the time for ${HELD_AT_MOST_MS} ms.`);
      await nextTurn();
    }
    await nextTurn();
  }
}
