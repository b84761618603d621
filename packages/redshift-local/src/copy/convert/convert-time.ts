import type { Convert } from './convert-text.ts';
import type { ConversionOptions } from '../parse/copy-statement.ts';
import { FieldError } from './field-error.ts';
import type { ReadTime, TimeParts } from './time-format.ts';
import { compileTimeFormat, readAnyTime } from './time-format.ts';
import { unconfirmed } from './unconfirmed.ts';

const defaultDate = 'YYYY-MM-DD';
const defaultTimestamp = 'YYYY-MM-DD HH:MI:SS';

/** DATE under DATEFORMAT; 1205, or NULL with ACCEPTANYDATE. */
export function convertDate(options: ConversionOptions): Convert {
  const format = options.dateFormat ?? defaultDate;
  const readTime = format === 'auto' ? readAnyTime : compileTimeFormat(format);
  return (text) => {
    const parts = readTime(text);
    if (parts !== null) return dateText(parts);
    if (options.acceptAnyDate) return null;
    const short = format === defaultDate && text.length < format.length;
    throw new FieldError(
      1205,
      short ? 'Invalid Date Format - length must be 10 or more' : `Invalid Date Format [${format}]`,
    );
  };
}

/** TIMESTAMP and TIMESTAMPTZ under the COPY's one TIMEFORMAT; 1206, or NULL with ACCEPTANYDATE for TIMESTAMP. */
export function convertTimestamp(type: 'timestamp' | 'timestamptz', options: ConversionOptions): Convert {
  const format = options.timeFormat ?? (type === 'timestamp' ? defaultTimestamp : `${defaultTimestamp}OF`);
  const readTime = timestampReader(format);
  return (text) => {
    const parts = readTime(text);
    if (parts === null) {
      if (options.acceptAnyDate && type === 'timestamp') return null;
      // The error names hours as HH24, whatever the COPY says.
      throw new FieldError(1206, `Invalid timestamp format or value [${format.replace(/HH(?!\d)/, 'HH24')}]`);
    }
    const written = `${dateText(parts)} ${clockText(parts)}`;
    // A TIMESTAMP does not have a zone: a zone in the text is ignored.
    return type === 'timestamp' ? written : `${written}${zoneText(parts.offsetMinutes ?? 0)}`;
  };
}

/** TIME and TIMETZ: hours, minutes and seconds, with a zone for TIMETZ. */
export function convertTimeOfDay(type: 'time' | 'timetz'): Convert {
  const format = type === 'time' ? 'HH:MI:SS' : 'HH:MI:SSOF';
  const readTime = compileTimeFormat(format);
  return (text) => {
    const parts = readTime(text);
    if (parts === null)
      throw new FieldError(1206, `Invalid timestamp format or value [${format.replace('HH', 'HH24')}]`);
    return type === 'time' ? clockText(parts) : clockText(parts) + zoneText(parts.offsetMinutes ?? 0);
  };
}

function timestampReader(format: string): ReadTime {
  if (format === 'auto') return readAnyTime;
  if (format === 'epochsecs') return epochReader(1000);
  if (format === 'epochmillisecs') return epochReader(1);
  return compileTimeFormat(format);
}

function epochReader(millisPerUnit: number): ReadTime {
  const pattern = unconfirmed.epochWithFraction === 'error' ? /^-?\d{1,16}$/ : /^-?\d{1,16}(\.\d*)?$/;
  return (text) => {
    if (!pattern.test(text)) return null;
    const date = new Date(Math.trunc(Number(text)) * millisPerUnit);
    // A Date outside its range is NaN; years below 1 and above 9999 cannot be meant.
    if (!(date.getUTCFullYear() >= 1 && date.getUTCFullYear() <= 9999)) return null;
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      micros: date.getUTCMilliseconds() * 1000,
      offsetMinutes: null,
    };
  };
}

function dateText({ year, month, day }: TimeParts): string {
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
}

function clockText({ hour, minute, second, micros }: TimeParts): string {
  return `${digits(hour, 2)}:${digits(minute, 2)}:${digits(second, 2)}.${digits(micros, 6)}`;
}

function zoneText(offsetMinutes: number): string {
  const minutes = Math.abs(offsetMinutes);
  return `${offsetMinutes < 0 ? '-' : '+'}${digits(Math.floor(minutes / 60), 2)}:${digits(minutes % 60, 2)}`;
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0');
}
