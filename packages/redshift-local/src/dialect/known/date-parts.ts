import type { Node } from 'libpg-query';

import { RedshiftError } from '../../errors/redshift-error.ts';
import { columnPath, stringConstant } from '../tree/tree.ts';

/** Redshift docs, Date parts for date or timestamp functions: every spelling of every part. */
const spellings: Readonly<Record<string, string>> = {
  millennium: 'millennium millennia mil mils',
  century: 'century centuries c cent cents',
  decade: 'decade decades dec decs',
  epoch: 'epoch',
  year: 'year years y yr yrs',
  quarter: 'quarter quarters qtr qtrs',
  month: 'month months mon mons',
  week: 'week weeks w',
  dow: 'dayofweek dow dw weekday',
  doy: 'dayofyear doy dy yearday',
  day: 'day days d',
  hour: 'hour hours h hr hrs',
  minute: 'minute minutes m min mins',
  second: 'second seconds s sec secs',
  millisecond: 'millisecond milliseconds ms msec msecs msecond mseconds millisec millisecs millisecon',
  microsecond: 'microsecond microseconds microsec microsecs microsecond usecond useconds us usec usecs',
  timezone: 'timezone',
  timezone_hour: 'timezone_hour',
  timezone_minute: 'timezone_minute',
};

const parts = new Map(
  Object.entries(spellings).flatMap(([part, names]) => names.split(' ').map((spelling) => [spelling, part])),
);

/**
 * The date part that an argument names, as a bare word (`dateadd(day, …)`) or a string (`date_trunc('week', …)`).
 *
 * @throws RedshiftError 22023 when it is not a date part.
 */
export function datePart(argument: Node | undefined): string {
  const path = columnPath(argument);
  const spelling = path?.length === 1 ? path[0] : stringConstant(argument);
  const part = spelling === undefined || spelling === null ? undefined : parts.get(spelling.toLowerCase());
  if (part === undefined) throw new RedshiftError('22023', `date part "${spelling ?? 'expression'}" not recognized`);
  return part;
}
