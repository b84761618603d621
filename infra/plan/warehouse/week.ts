const MINUTES_A_DAY = 24 * 60;
export const MINUTES_A_WEEK = 7 * MINUTES_A_DAY;
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/**
 * For each minute of a week (UTC, 0 = Sunday 00:00) whether a cluster runs that is paused and resumed by two schedules,
 * `cron(minute hour day-of-month month day-of-week year)`, as Redshift's scheduler takes them.
 *
 * @returns `null` where a schedule names days of the month, months or years, or steps: a week does not say those.
 */
export function weekOf({
  pause,
  resume,
}: {
  readonly pause: string;
  readonly resume: string;
}): readonly boolean[] | null {
  const pauses = minutesOfWeek(pause);
  const resumes = minutesOfWeek(resume);
  if (pauses === null || resumes === null || pauses.size === 0 || resumes.size === 0) return null;
  const week: boolean[] = [];
  let running = true;
  // The first round only finds out in which state a week begins.
  for (let minute = 0; minute < 2 * MINUTES_A_WEEK; minute++) {
    const ofWeek = minute % MINUTES_A_WEEK;
    if (resumes.has(ofWeek)) running = true;
    else if (pauses.has(ofWeek)) running = false;
    week[ofWeek] = running;
  }
  return week;
}

/** The longest pause of a week in minutes; it may begin in one week and end in the next. */
export function longestPauseMinutes(week: readonly boolean[]): number {
  let longest = 0;
  let length = 0;
  for (const running of [...week, ...week]) {
    length = running ? 0 : length + 1;
    longest = Math.max(longest, length);
  }
  return Math.min(longest, week.length);
}

/** The minutes of a week at which a schedule is due. */
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
