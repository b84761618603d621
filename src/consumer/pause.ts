import type { Emit } from '../core/events.ts';
import type { Clock } from '../core/ports.ts';

/**
 * Why nothing is received: a set of named reasons, not a flag. Intake is paused while at least one is held, whoever
 * holds it, and it can be said which.
 */
export class Pause {
  readonly #clock: Clock;
  readonly #emit: Emit;
  readonly #onChange: () => void;
  readonly #since = new Map<string, number>();

  constructor(dependencies: { clock: Clock; emit: Emit }, onChange: () => void) {
    this.#clock = dependencies.clock;
    this.#emit = dependencies.emit;
    this.#onChange = onChange;
  }

  get reasons(): readonly string[] {
    return [...this.#since.keys()];
  }

  /** Whether intake is paused for another reason than this one. */
  isPausedBesides(reason: string | null): boolean {
    return this.#since.size > (reason !== null && this.#since.has(reason) ? 1 : 0);
  }

  add(reason: string): void {
    if (this.#since.has(reason)) return;
    this.#since.set(reason, this.#clock.nowMs());
    this.#emit({ kind: 'intake.paused', reason });
    this.#onChange();
  }

  remove(reason: string): void {
    const sinceMs = this.#since.get(reason);
    if (sinceMs === undefined) return;
    this.#since.delete(reason);
    this.#emit({ kind: 'intake.resumed', reason, pausedMs: this.#clock.nowMs() - sinceMs });
    this.#onChange();
  }
}
