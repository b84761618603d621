import { setImmediate as nextTurn } from 'node:timers/promises';

/** At some microseconds a step, a few milliseconds. */
const STEPS_A_TURN = 500;

/**
 * The steps of long work, with a turn of the event loop after every 500: leases are renewed meanwhile, and the health
 * check is answered.
 */
export async function* inTurns<T>(steps: Iterable<T>): AsyncGenerator<T, void> {
  let made = 0;
  for (const step of steps) {
    made += 1;
    if (made % STEPS_A_TURN === 0) await nextTurn();
    yield step;
  }
}
