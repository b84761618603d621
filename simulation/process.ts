import { BOUNDS } from '../src/core/bounds.ts';
import { IngestError } from '../src/core/errors.ts';
import type { ErrorCode } from '../src/core/errors.ts';
import type { Clock, Random } from '../src/core/ports.ts';
import type { Dice } from '../src/generate/dice.ts';
import type { Fault, Target } from './faults.ts';
import type { World } from './world.ts';

type Call<T> = {
  readonly target: Target;
  readonly operation: string;
  /** What the other side does when the call arrives. Rejects with what it answers instead of a result. */
  readonly serve: (fault: Fault | null) => Promise<T>;
  /** Aborted: the caller hears `onAbort` at once, whatever the other side goes on to do. */
  readonly signal?: AbortSignal;
  readonly onAbort?: () => T | IngestError;
  /** The caller's error without an answer, or while the service is unavailable. */
  readonly codeWhenLost?: ErrorCode;
};

/** How long a caller waits for an answer that never comes: the SDK has then tried a few times. */
const NO_ANSWER_MS = { min: 1_000, max: 20_000 };
/** How long it waits at most, retries included. */
const SILENT_MS = BOUNDS.toldWithinMs;
/** How much longer a slow call takes: what a client does not give up on. */
const SLOW_MS: Readonly<Record<Target, number>> = { queue: 10_000, bucket: 10_000, warehouse: 60_000 };

/**
 * A process of the service. It meets the world only through `call` and its clock. A crash is nothing but this: from then on
 * no call and no sleep of its comes back, so none of its code ever runs again; what is under way on the other side goes on.
 */
export class SimulatedProcess {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly #world: World;
  readonly #dice: Dice;
  /** Ends the listening of calls and sleeps: Node keeps a signal of several alive while somebody listens to it. */
  readonly #listening = new Set<() => void>();
  #isAlive = true;
  #clockOffByMs: number;

  constructor(
    world: World,
    identity: { readonly name: string; readonly index: number; readonly clockOffByMs: number },
  ) {
    this.#world = world;
    this.name = identity.name;
    this.#dice = world.dice('network', identity.index);
    const own = world.dice('process', identity.index);
    this.random = () => own.next();
    this.#clockOffByMs = identity.clockOffByMs;
    this.clock = {
      nowMs: () => world.scheduler.nowMs + this.#clockOffByMs,
      sleep: async (ms, signal) => await this.#sleep(ms, signal),
    };
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get clockOffByMs(): number {
    return this.#clockOffByMs;
  }

  kill(): void {
    this.#isAlive = false;
    for (const stopListening of this.#listening) stopListening();
  }

  /** The wall clock jumps; timers do not notice. */
  jumpClock(byMs: number): void {
    this.#clockOffByMs += byMs;
  }

  async call<T>(call: Call<T>): Promise<T> {
    const { scheduler, faults } = this.#world;
    return await new Promise<T>((resolve, reject) => {
      if (!this.#isAlive) return;
      const hear = (act: () => void) => {
        stopListening();
        if (this.#isAlive) act();
      };
      const fault = faults.take(call.target, call.operation);
      if (fault !== null) {
        this.#world.say(() => `${this.name}: ${call.target} ${call.operation} meets "${fault.kind}" (${fault.code})`);
      }
      const code = call.codeWhenLost ?? 'endpoint_unreachable';
      const noAnswer = (afterMs: number) =>
        scheduler.after(afterMs, () =>
          hear(() => reject(new IngestError(code, `No answer from the ${call.target} (${call.operation}).`))),
        );
      const lost = () => noAnswer(this.#dice.between(NO_ANSWER_MS.min, NO_ANSWER_MS.max));
      const stopListening = this.#whenCutOff(call, (heard) =>
        hear(() => (heard instanceof IngestError ? reject(heard) : resolve(heard))),
      );
      if (fault?.kind === 'lost_request') {
        lost();
        return;
      }
      if (fault?.kind === 'silent') {
        noAnswer(SILENT_MS);
        if (this.#dice.chance(0.5)) return;
      }
      scheduler.after(this.#latencyMs(fault), () => {
        // Of a process that is dead by now the request may have left the machine, or not.
        if (!this.#isAlive && this.#dice.chance(0.5)) return;
        this.#serve(call, fault).then(
          (answer) => {
            if (fault?.kind === 'lost_answer' || fault?.kind === 'late') lost();
            else if (fault?.kind !== 'silent')
              scheduler.after(this.#latencyMs(null), () => hear(() => resolve(answer)));
          },
          (error: unknown) => {
            if (fault?.kind === 'silent') return;
            const heard = error instanceof Error ? error : new Error(String(error));
            scheduler.after(this.#latencyMs(null), () => hear(() => reject(heard)));
          },
        );
      });
    });
  }

  async #serve<T>(call: Call<T>, fault: Fault | null): Promise<T> {
    const awayCode = this.#world.faults.away(call.target);
    const code = awayCode ?? (fault?.kind === 'refused' ? fault.code : null);
    if (code !== null) throw new IngestError(code, `The ${call.target} refuses ${call.operation}.`);
    return await call.serve(fault);
  }

  #latencyMs(fault: Fault | null): number {
    const usual = this.#dice.chance(0.9) ? this.#dice.between(1, 30) : this.#dice.between(30, 2_000);
    return fault?.kind === 'slow' && !this.#dice.chance(0.3) ? usual + SLOW_MS[fault.target] : usual;
  }

  async #sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) return;
    await new Promise<void>((resolve) => {
      if (!this.#isAlive) return;
      const planned = this.#world.scheduler.after(ms, () => {
        stopListening();
        if (this.#isAlive) resolve();
      });
      const stopListening = this.#listen(signal, () => {
        stopListening();
        planned.cancel();
        resolve();
      });
    });
  }

  /** @returns what ends the listening. */
  #whenCutOff<T>({ onAbort, signal }: Call<T>, answer: (heard: T | IngestError) => void): () => void {
    if (signal === undefined || onAbort === undefined) return () => undefined;
    const act = () => answer(onAbort());
    if (!signal.aborted) return this.#listen(signal, act);
    // An answer in this very turn would come before the caller has the means to stop listening.
    queueMicrotask(act);
    return () => undefined;
  }

  /** @returns what ends the listening, which the end of the process does too. */
  #listen(signal: AbortSignal | undefined, act: () => void): () => void {
    const stopListening = () => {
      this.#listening.delete(stopListening);
      signal?.removeEventListener('abort', act);
    };
    this.#listening.add(stopListening);
    signal?.addEventListener('abort', act, { once: true });
    return stopListening;
  }
}

/** What a caller hears of a call that it cuts off. */
export function cutOff(operation: string): IngestError {
  return new IngestError('aborted', `${operation} was cut off.`);
}
