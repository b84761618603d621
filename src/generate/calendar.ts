import { dice } from './dice.ts';

export const DAY_MS = 86_400_000;

/** How busy each hour of the day is (UTC): quiet at night, busiest in the late afternoon. */
const HOUR_WEIGHTS = [
  18, 14, 11, 10, 10, 12, 17, 24, 33, 39, 42, 44, 47, 51, 57, 63, 69, 71, 66, 56, 46, 38, 30, 23,
] as const;
const WEIGHT_OF_DAY = HOUR_WEIGHTS.reduce((sum, weight) => sum + weight, 0);

/** How many events each day has: the total split so that weekends are quieter and nothing is lost to rounding. */
export function eventsPerDay(input: { events: number; days: number; firstDayMs: number }): readonly number[] {
  const weights = Array.from({ length: input.days }, (_, day) => {
    const weekday = new Date(input.firstDayMs + day * DAY_MS).getUTCDay();
    return weekday === 0 || weekday === 6 ? 0.7 : 1;
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let seen = 0;
  let given = 0;
  return weights.map((weight) => {
    seen += weight;
    const events = Math.round((input.events * seen) / total) - given;
    given += events;
    return events;
  });
}

/** A session to come: when it starts and how many events it will have. */
export type PlannedSession = { readonly startMs: number; readonly events: number };

/**
 * The sessions of one day in order of their start, as many as its events need, without holding them: the lengths are
 * rolled twice with the same dice (once to count the sessions), and sorted starts come one by one from order
 * statistics.
 */
export function* planDay(input: {
  seed: number;
  day: number;
  dayMs: number;
  events: number;
}): Generator<PlannedSession> {
  const lengths = sessionLengths(input);
  let count = 0;
  while (lengths.next().done !== true) count += 1;
  const starts = dice(input.seed, 'starts', input.day);
  let position = 0;
  let index = 0;
  for (const events of sessionLengths(input)) {
    position = 1 - (1 - position) * (1 - starts.next()) ** (1 / (count - index));
    index += 1;
    yield { startMs: input.dayMs + Math.floor(timeOfDay(position) * DAY_MS), events };
  }
}

/** Lengths that add up to the day's events; many short sessions, some long ones. */
function* sessionLengths(input: { seed: number; day: number; events: number }): Generator<number> {
  const own = dice(input.seed, 'lengths', input.day);
  let left = input.events;
  while (left > 0) {
    const length = Math.min(left, 120, 1 + Math.floor(-Math.log(1 - own.next()) * 24));
    left -= length;
    yield length;
  }
}

/** Turns a uniform number into a part of the day by the weights of the hours. */
function timeOfDay(position: number): number {
  let left = position * WEIGHT_OF_DAY;
  for (const [hour, weight] of HOUR_WEIGHTS.entries()) {
    if (left < weight) return (hour + left / weight) / 24;
    left -= weight;
  }
  return 1 - 1 / DAY_MS;
}
