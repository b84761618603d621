/** When a cluster is paused and resumed, for Redshift's scheduler. */
export type PauseSchedule = {
  /** `cron(minute hour day-of-month month day-of-week year)` in UTC (Redshift API, "ScheduledAction"). */
  readonly pause: string;
  readonly resume: string;
  readonly longestPauseMinutes: number;
};

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const DAY_MINUTES = 24 * 60;
const TIME = '([01]\\d|2[0-3]):([0-5]\\d)';
const DAY = `(${DAYS.join('|')})`;

/** `06:00-20:00 mon-fri`. */
export const RUNNING_HOURS = new RegExp(`^${TIME}-${TIME} ${DAY}-${DAY}$`);

/**
 * Reads the hours (UTC) in which a cluster runs: on each of the days it is resumed at the first time and paused at the
 * second one, on the day after if the second time is the earlier one. `22:00-06:00 mon-fri` ends on Saturday morning.
 *
 * @returns `null` for other texts, and where both times are the same.
 */
export function pauseScheduleOf(runningHours: string): PauseSchedule | null {
  const [, fromHour, fromMinute, toHour, toMinute, firstDay, lastDay] = RUNNING_HOURS.exec(runningHours) ?? [];
  const from = Number(fromHour) * 60 + Number(fromMinute);
  const to = Number(toHour) * 60 + Number(toMinute);
  if (firstDay === undefined || lastDay === undefined || from === to) return null;
  const first = DAYS.indexOf(firstDay);
  const days = ((DAYS.indexOf(lastDay) - first + DAYS.length) % DAYS.length) + 1;
  const runMinutes = (to - from + DAY_MINUTES) % DAY_MINUTES;
  return {
    resume: cron(from, first, days),
    pause: cron(to, to < from ? first + 1 : first, days),
    // From the last of the days to the first one of the next week, or of seven days from one to the next.
    longestPauseMinutes: (DAYS.length + 1 - days) * DAY_MINUTES - runMinutes,
  };
}

/** At one minute of consecutive days. */
function cron(minuteOfDay: number, first: number, days: number): string {
  const names = Array.from({ length: days }, (_, index) => DAYS[(first + index) % DAYS.length]?.toUpperCase());
  return `cron(${minuteOfDay % 60} ${Math.floor(minuteOfDay / 60)} ? * ${names.join(',')} *)`;
}
