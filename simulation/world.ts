import { dice } from '../src/generate/dice.ts';
import type { Dice } from '../src/generate/dice.ts';
import { Faults } from './faults.ts';
import { Scheduler } from './scheduler.ts';

/** When every history begins, epoch ms. */
export const START_MS = Date.UTC(2018, 10, 15, 12);

/** What all parts of a simulation share: the time, the dice, the faults that are armed, what is said and what is wrong. */
export class World {
  readonly scheduler = new Scheduler(START_MS);
  readonly faults: Faults;
  readonly violations: string[] = [];
  readonly trace: string[] = [];
  /** Keys that a person asked to load again although they were retracted. */
  readonly undone = new Set<string>();
  readonly #seed: number;
  readonly #isTraced: boolean;

  constructor(seed: number, options: { readonly isTraced: boolean }) {
    this.#seed = seed;
    this.#isTraced = options.isTraced;
    this.faults = new Faults(() => this.scheduler.nowMs);
  }

  /** Dice of its own for each part, so that one more throw here changes nothing there. */
  dice(label: string, index = 0): Dice {
    return dice(this.#seed, label, index);
  }

  /** @param say called only when somebody listens. */
  say(say: () => string): void {
    if (!this.#isTraced) return;
    const seconds = ((this.scheduler.nowMs - START_MS) / 1000).toFixed(3).padStart(9);
    this.trace.push(`${seconds}  ${say()}`);
  }

  /** A promise of the service is broken. The run goes on to its end; the first violation is what counts. */
  violate(sentence: string): void {
    this.say(() => `VIOLATION ${sentence}`);
    if (this.violations.length < 20) this.violations.push(sentence);
  }
}
