/** An average month, as AWS's own examples count it. */
export const HOURS_A_MONTH = 730;

const MINUTES_A_DAY = 24 * 60;
const MINUTES_A_WEEK = 7 * MINUTES_A_DAY;
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/**
 * Hours a month for which a cluster runs that is paused and resumed by two schedules, `cron(minute hour day-of-month
 * month day-of-week year)` in UTC, as Redshift's scheduler takes them. All hours where a
 * schedule names days of the month, months or years: then the week does not say it, and the estimate is too high
 * rather than too low.
 */
export function runningHours(pause: string, resume: string): number {
  const pauses = minutesOfWeek(pause);
  const resumes = minutesOfWeek(resume);
  if (pauses === null || resumes === null || pauses.size === 0 || resumes.size === 0) return HOURS_A_MONTH;
  let running = true;
  let minutes = 0;
  // The first week only finds out in which state a week begins.
  for (let minute = 0; minute < 2 * MINUTES_A_WEEK; minute++) {
    const ofWeek = minute % MINUTES_A_WEEK;
    if (resumes.has(ofWeek)) running = true;
    else if (pauses.has(ofWeek)) running = false;
    if (running && minute >= MINUTES_A_WEEK) minutes++;
  }
  return (HOURS_A_MONTH * minutes) / MINUTES_A_WEEK;
}

/** The minutes of a week (0 = Sunday 00:00) at which a schedule is due; `null` when a week does not repeat it. */
function minutesOfWeek(schedule: string): ReadonlySet<number> | null {
  const fields = /^cron\(([^)]*)\)$/.exec(schedule)?.[1]?.trim().split(/\s+/) ?? [];
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = '', year = '*'] = fields;
  const everyDay = [dayOfMonth, month, year].every((field) => field === '*' || field === '?');
  const minutes = valuesOf(minute, 0, 59);
  const hours = valuesOf(hour, 0, 23);
  const days = valuesOf(named(dayOfWeek), 1, 7);
  if (!everyDay || minutes === null || hours === null || days === null) return null;
  const due = days.flatMap((day) => hours.flatMap((h) => minutes.map((m) => (day - 1) * MINUTES_A_DAY + h * 60 + m)));
  return new Set(due);
}

/** In the schedules of AWS, Sunday is 1. */
function named(field: string): string {
  return field.toUpperCase().replace(/[A-Z]{3}/g, (name) => String(DAYS.indexOf(name) + 1));
}

/** `*`, `?`, `5`, `1,3` or `2-6`; `null` for anything else. */
function valuesOf(field: string, min: number, max: number): readonly number[] | null {
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  if (field === '*' || field === '?') return range(min, max);
  const values = field.split(',').flatMap((part) => {
    const bounds = /^(\d{1,2})(?:-(\d{1,2}))?$/.exec(part);
    const from = Number(bounds?.[1] ?? -1);
    const to = Number(bounds?.[2] ?? from);
    return from >= min && to <= max && from <= to ? range(from, to) : [-1];
  });
  return values.includes(-1) ? null : values;
}
