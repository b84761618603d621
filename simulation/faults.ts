import type { ErrorCode } from '../src/core/errors.ts';
import type { ObjectStore, Queue } from '../src/core/ports.ts';

/** What a process asks of the three things that it talks to: methods of the ports; of a transaction its stage. */
type Operations = {
  readonly queue: keyof Queue;
  readonly bucket: keyof ObjectStore;
  readonly warehouse: 'know' | 'stage' | 'publish' | 'committed' | 'rows';
};
export type Target = keyof Operations;

/**
 * What goes wrong with a call.
 *
 * - `refused`: it reaches the other side, which says no (with `code`) and does nothing.
 * - `lost_request`: it never arrives; the caller hears nothing for a while.
 * - `lost_answer`: it is done, and the caller hears nothing.
 * - `entries`: every second entry of a batch call fails and may be tried again (queue only).
 * - `rolled_back`: a transaction runs and is rolled back at its end, with `code` (warehouse only).
 * - `late`: the caller hears nothing, and the transaction begins only much later (warehouse only).
 * - `session_lost`: the session and its temporary tables are gone, and the warehouse says so (warehouse only).
 * - `tables_gone`: the same without a word: the transaction runs in a new session (warehouse only).
 * - `slow`: it takes much longer.
 * - `silent`: it is done or not, and the caller hears nothing until it gives up, as late as a client may.
 */
export type FaultKind =
  | 'refused'
  | 'lost_request'
  | 'lost_answer'
  | 'entries'
  | 'rolled_back'
  | 'late'
  | 'session_lost'
  | 'tables_gone'
  | 'slow'
  | 'silent';

export type Fault = {
  [To in Target]: {
    readonly target: To;
    readonly operation: Operations[To] | 'any';
    readonly kind: FaultKind;
    readonly code: ErrorCode;
  };
}[Target];

/** The faults that wait for their call, and who is away. */
export class Faults {
  readonly #nowMs: () => number;
  #armed: { fault: Fault; left: number }[] = [];
  readonly #away = new Map<Target, { untilMs: number; code: ErrorCode }>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** The next `count` calls that fit go wrong. */
  arm(fault: Fault, count: number): void {
    this.#armed.push({ fault, left: count });
  }

  /** Everything said to the target in the next `forMs` is refused. */
  goAway(target: Target, forMs: number, code: ErrorCode): void {
    this.#away.set(target, { untilMs: this.#nowMs() + forMs, code });
  }

  /** The code with which the target refuses everything now, `null` when it is there. */
  away(target: Target): ErrorCode | null {
    const away = this.#away.get(target);
    return away !== undefined && this.#nowMs() < away.untilMs ? away.code : null;
  }

  /** What goes wrong with this call; a fault is used up by it. */
  take(target: Target, operation: string): Fault | null {
    const armed = this.#armed.find(
      ({ fault }) => fault.target === target && (fault.operation === 'any' || fault.operation === operation),
    );
    if (armed === undefined) return null;
    armed.left -= 1;
    if (armed.left === 0) this.#armed = this.#armed.filter((other) => other !== armed);
    return armed.fault;
  }

  /** All troubles are over. */
  clear(): void {
    this.#armed = [];
    this.#away.clear();
  }
}
