import { MINUTES_A_WEEK, weekOf } from '../warehouse/week.ts';

/** An average month, as AWS's own examples count it. */
export const HOURS_A_MONTH = 730;

/**
 * Hours a month for which a cluster runs that is paused and resumed by two schedules. All hours where a week does not
 * say it: the estimate is then too high rather than too low.
 */
export function runningHours(pause: string, resume: string): number {
  const week = weekOf({ pause, resume });
  if (week === null) return HOURS_A_MONTH;
  return (HOURS_A_MONTH * week.filter((running) => running).length) / MINUTES_A_WEEK;
}
