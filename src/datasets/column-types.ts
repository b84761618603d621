import { isSmallWhole, isWhole, plainText, readNumber, roundedUnits, wholeText } from './number-text.ts';
import type { NumberText } from './number-text.ts';

/** Why a value does not fit its column, as the end of a sentence that begins with the column's name. */
export type Misfit = { readonly reason: string };

/**
 * Turns a value's text into the column's value, in the canonical spelling of part files; `null` is NULL.
 */
export type ColumnType = (text: string) => string | null | Misfit;

export function isMisfit(value: string | null | Misfit): value is Misfit {
  return typeof value === 'object' && value !== null;
}

/** VARCHAR(`maxBytes`), which counts the bytes of UTF-8. An empty text stays an empty text. */
export function varchar(maxBytes: number): ColumnType {
  const tooLong = { reason: `is longer than ${maxBytes} bytes` };
  return (text) => (hasMoreBytes(text, maxBytes) ? tooLong : text);
}

/** VARCHAR(`maxBytes`) for an identifier: Redshift ignores trailing blanks when it compares, so they go; empty is NULL. */
export function identifier(maxBytes: number): ColumnType {
  const type = varchar(maxBytes);
  return (text) => {
    const id = withoutTrailingBlanks(text);
    return id === '' ? null : type(id);
  };
}

/** A name that is only compared, never stored. */
export const comparedName: ColumnType = (text) => {
  const name = withoutTrailingBlanks(text);
  return name === '' ? null : name;
};

export const bigint = wholeNumber({
  from: '-9223372036854775808',
  to: '9223372036854775807',
  notWhole: 'is not a whole number',
  outside: 'is outside the range of BIGINT, -9223372036854775808 to 9223372036854775807',
});

export const integer = wholeNumber({
  from: '-2147483648',
  to: '2147483647',
  notWhole: 'is not a whole number',
  outside: 'is outside the range of INTEGER, -2147483648 to 2147483647',
});

/**
 * A time as milliseconds since 1970. A time near 1970 (seconds for milliseconds, a clock that was never set) or centuries
 * ahead is not the time of an event, and would widen the batch's range so that the load reads all of history.
 */
export const epochMs = wholeNumber({
  from: '946684800000',
  to: '4102444799999',
  notWhole: 'is not a whole number of milliseconds since 1970',
  outside: 'is outside the years 2000 to 2099, in milliseconds since 1970',
});

export const year = wholeNumber({
  from: '0',
  to: '9999',
  notWhole: 'is not a year from 0 to 9999',
  outside: 'is not a year from 0 to 9999',
});

/** As most files write it, which is also the spelling of a part. */
const FIVE_DECIMALS = /^(?:0|[1-9][0-9]{0,4})\.[0-9]{5}$/;
const NOT_SECONDS = { reason: 'is not a number of seconds below 100000' };

/** Seconds as DECIMAL(10, 5). COPY truncates further decimals, so they are rounded here: half away from zero. */
export const seconds: ColumnType = (text) => (FIVE_DECIMALS.test(text) ? text : roundedSeconds(text));

const roundedSeconds = numeric((number) => {
  if (number === undefined || number.isNegative || number.pointAt > 5) return NOT_SECONDS;
  const units = roundedUnits(number, 5);
  if (units > 99_999_99999) return NOT_SECONDS;
  const text = String(units).padStart(6, '0');
  return `${text.slice(0, -5)}.${text.slice(-5)}`;
});

const NOT_DEGREES = { reason: 'is not a number of degrees' };
/** A double has no more significant digits. */
const DOUBLE_DIGITS = 17;

/**
 * Degrees below ±1000 as DOUBLE PRECISION. The text casts to the double that is nearest to the number. Other numbers than 0
 * below 1e-300 are not degrees: they are garbage of a program's memory, and near the smallest double casts fail.
 */
export const degrees = numeric((number) => {
  if (number === undefined || number.pointAt > 3 || number.pointAt < -300) return NOT_DEGREES;
  if (number.digits.length <= DOUBLE_DIGITS) return plainText(number);
  const { isNegative, digits, pointAt } = number;
  const nearest = readNumber(String(Number(`${isNegative ? '-' : ''}0.${digits}e${pointAt}`)));
  return nearest === undefined || nearest.pointAt > 3 ? NOT_DEGREES : plainText(nearest);
});

/** Text of blanks is not a value of a number column, as for COPY. */
function numeric(typeOf: (number: NumberText | undefined) => string | Misfit): ColumnType {
  return (text) => (isBlank(text) ? null : typeOf(readNumber(text)));
}

function wholeNumber(range: { from: string; to: string; notWhole: string; outside: string }): ColumnType {
  const notWhole = { reason: range.notWhole };
  const outside = { reason: range.outside };
  const [from, to] = [BigInt(range.from), BigInt(range.to)];
  const [near, far] = [Number(from), Number(to)];
  const mostDigits = Math.max(range.from.length, range.to.length);
  const slowly = numeric((number) => {
    if (number === undefined || !isWhole(number)) return notWhole;
    if (number.pointAt > mostDigits) return outside;
    const text = wholeText(number);
    const value = BigInt(text);
    return value < from || value > to ? outside : text;
  });
  return (text) => {
    if (!isSmallWhole(text)) return slowly(text);
    const value = Number(text);
    return value < near || value > far ? outside : text;
  };
}

/** UTF-8 needs at most three bytes for a UTF-16 unit. */
function hasMoreBytes(text: string, maxBytes: number): boolean {
  return text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes;
}

/** Whether a text consists of blanks, or of nothing. */
export function isBlank(text: string): boolean {
  return withoutTrailingBlanks(text) === '';
}

function withoutTrailingBlanks(text: string): string {
  let end = text.length;
  while (text.charCodeAt(end - 1) === 0x20) end -= 1;
  return end === text.length ? text : text.slice(0, end);
}
