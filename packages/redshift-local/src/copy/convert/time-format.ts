import { RedshiftError } from '../../errors/redshift-error.ts';

/** A point in time as written. Fields that the text does not have are those of midnight; `offsetMinutes` `null` = no zone. */
export type TimeParts = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
  readonly offsetMinutes: number | null;
};

/** Reads one text; `null` when it has another form or names no real point in time. */
export type ReadTime = (text: string) => TimeParts | null;

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

/** What a keyword of a format string matches (Redshift docs, DATEFORMAT and TIMEFORMAT strings); longest first. */
const keywords: readonly (readonly [string, string])[] = [
  ['YYYY', '(?<year>\\d{4})'],
  ['MONTH', '(?<monthName>[A-Za-z]{3,9})'],
  ['HH24', '(?<hour>\\d{1,2})'],
  ['HH12', '(?<hour>\\d{1,2})'],
  ['MON', '(?<monthName>[A-Za-z]{3})'],
  ['YY', '(?<shortYear>\\d{2})'],
  ['MM', '(?<month>\\d{1,2})'],
  ['DD', '(?<day>\\d{1,2})'],
  ['HH', '(?<hour>\\d{1,2})'],
  ['MI', '(?<minute>\\d{1,2})'],
  ['SS', '(?<second>\\d{1,2})(?:\\.(?<fraction>\\d+))?'],
  ['OF', '(?:(?<zulu>Z)|(?<offset>[+-]\\d{2}(?::?\\d{2})?))?'],
  ['AM', '(?<meridiem>[AaPp]\\.?[Mm]\\.?)'],
  ['PM', '(?<meridiem>[AaPp]\\.?[Mm]\\.?)'],
];

/**
 * Compiles a format string; its keywords are case-sensitive, everything else stands for itself.
 *
 * @throws RedshiftError 22023 when a part of the time stands twice.
 */
export function compileTimeFormat(format: string): ReadTime {
  let pattern = '';
  let rest = format;
  while (rest !== '') {
    const keyword = keywords.find(([name]) => rest.startsWith(name));
    pattern += keyword?.[1] ?? rest.charAt(0).replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&');
    rest = rest.slice(keyword?.[0].length ?? 1);
  }
  try {
    return readWith([new RegExp(`^${pattern}$`)]);
  } catch (cause) {
    // The one way to get here: a part of the time stands twice.
    throw new RedshiftError('22023', `Invalid date or time format '${format}'`, { cause });
  }
}

const clock =
  '(?:[T ]+(?<hour>\\d{1,2}):(?<minute>\\d{2})(?::(?<second>\\d{2})(?:\\.(?<fraction>\\d+))?)?' +
  ' ?(?<meridiem>[AaPp][Mm])? ?(?:(?<zulu>Z|UTC|GMT)|(?<offset>[+-]\\d{2}(?::?\\d{2})?))?)?$';

/** 'auto': the usual orders of year, month and day, each with or without a time. It knows no epochs (Redshift docs). */
export const readAnyTime: ReadTime = readWith([
  new RegExp(`^(?<year>\\d{4})([-/.])(?<month>\\d{1,2})\\2(?<day>\\d{1,2})${clock}`),
  new RegExp(`^(?<year>\\d{4})(?<month>\\d{2})(?<day>\\d{2})${clock}`),
  new RegExp(`^(?<month>\\d{1,2})([-/.])(?<day>\\d{1,2})\\2(?<year>\\d{4})${clock}`),
  new RegExp(`^(?<monthName>[A-Za-z]{3,9})[- ](?<day>\\d{1,2}),?[- ](?<year>\\d{4})${clock}`),
  new RegExp(`^(?<day>\\d{1,2})[- ](?<monthName>[A-Za-z]{3,9})[- ](?<year>\\d{4})${clock}`),
]);

function readWith(patterns: readonly RegExp[]): ReadTime {
  return (text) => {
    for (const pattern of patterns) {
      const groups = pattern.exec(text)?.groups;
      if (groups !== undefined) return partsOf(groups);
    }
    return null;
  };
}

function partsOf(groups: Readonly<Record<string, string | undefined>>): TimeParts | null {
  const month = groups['monthName'] === undefined ? Number(groups['month'] ?? 1) : monthOf(groups['monthName']);
  const parts: TimeParts = {
    year: Number(groups['year'] ?? 2000 + Number(groups['shortYear'] ?? 0)),
    month,
    day: Number(groups['day'] ?? 1),
    hour: hourOf(Number(groups['hour'] ?? 0), groups['meridiem']),
    minute: Number(groups['minute'] ?? 0),
    second: Number(groups['second'] ?? 0),
    // More than six digits of a second are cut.
    micros: Number((groups['fraction'] ?? '').padEnd(6, '0').slice(0, 6)),
    offsetMinutes: groups['zulu'] === undefined ? offsetOf(groups['offset']) : 0,
  };
  return isReal(parts) ? parts : null;
}

function monthOf(name: string): number {
  return months.indexOf(name.slice(0, 3).toLowerCase()) + 1;
}

function hourOf(hour: number, meridiem: string | undefined): number {
  if (meridiem === undefined) return hour;
  if (hour < 1 || hour > 12) return -1;
  return (hour % 12) + (/^p/i.test(meridiem) ? 12 : 0);
}

function offsetOf(offset: string | undefined): number | null {
  if (offset === undefined) return null;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3).replace(':', '') || 0);
  return offset.startsWith('-') ? -minutes : minutes;
}

function isReal({ year, month, day, hour, minute, second }: TimeParts): boolean {
  const daysInMonth = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysInMonth) return false;
  return hour >= 0 && hour <= 23 && minute <= 59 && second <= 59;
}
