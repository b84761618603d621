import { dice } from './dice.ts';
import { FIRST_NAMES, LAST_NAMES, LOCATIONS, USER_AGENTS } from './vocabulary.ts';

/** A user of the service as every one of their events repeats it. The level is not here: it changes. */
export type Listener = {
  /** Whole number from 1. */
  readonly userId: number;
  readonly firstName: string;
  readonly lastName: string;
  readonly gender: string;
  readonly location: string;
  readonly userAgent: string;
  /** Epoch ms, some time in the year before the logs begin. */
  readonly registration: number;
  readonly paysAtFirst: boolean;
};

const YEAR_MS = 365 * 86_400_000;

export function listener(input: { seed: number; userId: number; firstDayMs: number }): Listener {
  const own = dice(input.seed, 'user', input.userId);
  const [firstName, gender] = own.pick(FIRST_NAMES);
  return {
    userId: input.userId,
    firstName,
    lastName: own.pick(LAST_NAMES),
    gender,
    location: own.pick(LOCATIONS),
    userAgent: own.pick(USER_AGENTS),
    registration: input.firstDayMs - Math.floor(own.next() * YEAR_MS),
    paysAtFirst: own.chance(0.3),
  };
}
