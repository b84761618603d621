import { setTimeout as delay } from 'node:timers/promises';
import type { Clock, Random } from '../core/ports.ts';

/** The only code that reads the clock and random numbers. */
export const realClock: Clock = {
  nowMs: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      if (signal?.aborted !== true) throw error;
    }
  },
};

export const realRandom: Random = () => Math.random();
