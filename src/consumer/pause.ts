import type { PauseReason } from '../core/intake/consumer-snapshot.ts';
import type { Emit } from '../core/events.ts';
import type { Clock } from '../core/ports.ts';

/**
 * The reasons for which the intake is paused. It is a set of names and not a flag: the intake resumes when the last reason is
 * removed, and the status shows each reason with its begin and its error.
 */
export class Pause {
  readonly #clock: Clock;
  readonly #emit: Emit;
  readonly #onChange: () => void;
  readonly #held = new Map<string, { readonly sinceMs: number; sentence: string }>();

  constructor(dependencies: { clock: Clock; emit: Emit }, onChange: () => void) {
    this.#clock = dependencies.clock;
    this.#emit = dependencies.emit;
    this.#onChange = onChange;
  }

  /** The oldest first. */
  get all(): readonly PauseReason[] {
    return [...this.#held].map(([reason, { sentence, sinceMs }]) => ({ reason, sinceMs, sentence }));
  }

  /** Whether the intake is paused for another reason than this one. */
  isPausedBesides(reason: string | null): boolean {
    return this.#held.size > (reason !== null && this.#held.has(reason) ? 1 : 0);
  }

  /** @param sentence what was seen and what to do; replaces an earlier sentence of the same reason. */
  add(reason: string, sentence: string): void {
    const held = this.#held.get(reason);
    if (held !== undefined) {
      held.sentence = sentence;
      return;
    }
    this.#held.set(reason, { sinceMs: this.#clock.nowMs(), sentence });
    this.#emit({ kind: 'intake.paused', reason, sentence });
    this.#onChange();
  }

  remove(reason: string): void {
    const held = this.#held.get(reason);
    if (held === undefined) return;
    this.#held.delete(reason);
    this.#emit({ kind: 'intake.resumed', reason, pausedMs: this.#clock.nowMs() - held.sinceMs });
    this.#onChange();
  }
}
