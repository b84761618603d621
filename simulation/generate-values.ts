import type { Dice } from '../src/generate/dice.ts';
import { NOT_UTF_8 } from './uploads.ts';

/** A value together with how it stands in the file: `token` null when its key is not there at all. */
export type Spelled<T> = { readonly token: string | null; readonly value: T };

/** Text in a text column. */
export function spelledText(d: Dice, value: string | null): Spelled<string | null> {
  if (value === null) return { value, token: d.chance(0.5) ? 'null' : null };
  if (/^[1-9][0-9]*$/.test(value) && d.chance(0.5)) return { value, token: value };
  return { value, token: d.chance(0.1) ? escaped(value) : JSON.stringify(value) };
}

/** A text that is an identifier or a name: blanks at its end do not count. */
export function spelledName(d: Dice, value: string): Spelled<string> {
  return { value, token: JSON.stringify(`${value}${d.chance(0.1) ? '  ' : ''}`) };
}

/** A whole number. @param digits without zeros before them, perhaps with a minus sign. */
export function spelledWhole<T>(d: Dice, digits: string, value: T): Spelled<T> {
  if (d.chance(0.6)) return { value, token: digits };
  const sign = digits.startsWith('-') ? '-' : '';
  const magnitude = digits.slice(sign.length);
  const scientific = `${sign}${magnitude.slice(0, 1)}.${magnitude.slice(1)}0e+${magnitude.length - 1}`;
  const all = [`${digits}.0`, `${digits}.000`, `${digits}e0`, scientific];
  const number = d.pick([...all, ...(magnitude === '0' ? ['-0', '0e99'] : [`${sign}${magnitude}0E-1`])]);
  return { value, token: d.pick([number, `"${number}"`, `"${digits}"`, `"${sign}00${magnitude}"`]) };
}

/** One of the spellings of one of the values. */
export function spelled<T>(d: Dice, spellings: readonly (readonly [token: string, value: T])[]): Spelled<T> {
  const [token, value] = d.pick(spellings);
  return { token, value };
}

/** Values that count as missing, for numbers and identifiers. */
export const NO_VALUE = ['null', '""', '"  "'] as const;
const NOTHING = NO_VALUE.map((token) => [token, null] as const);

const LENGTHS: readonly (readonly [string, number | null])[] = [
  ['200.5', 20_050_000],
  ['200.5', 20_050_000],
  ['200.50', 20_050_000],
  ['2.005e2', 20_050_000],
  ['"200.5"', 20_050_000],
  ['"0200.500"', 20_050_000],
  ['"2005E-1"', 20_050_000],
  ['200.500004', 20_050_000],
  ['200.5000049999999999999999999999', 20_050_000],
  ['200.49999500000000000000000000', 20_050_000],
  ['200.50001', 20_050_001],
  ['123.45679', 12_345_679],
  ['123.456785', 12_345_679],
  ['1.23456785E+2', 12_345_679],
  ['"123.4567849999999999999999999"', 12_345_678],
  ['0.000005', 1],
  ['4e-6', 0],
  ['-0.0', 0],
  ['99999.999994', 9_999_999_999],
];

/** Lengths and durations in seconds; the value in 1/100000 s, rounded half up. */
export function spelledSeconds(d: Dice): Spelled<number | null> {
  if (d.chance(0.1)) return spelled(d, NOTHING);
  return spelled(d, d.chance(0.75) ? LENGTHS.slice(0, 8) : LENGTHS);
}

const DEGREES: readonly (readonly [string, number | null])[] = [
  ['35.14968', 35.14968],
  ['"3.514968e1"', 35.14968],
  ['35.149680000000000000000000000001', 35.14968],
  ['-90.04892', -90.04892],
  ['12', 12],
  ['"12.0"', 12],
  ['-0.5', -0.5],
  ['-5E-1', -0.5],
  ['-0', 0],
  ...NOTHING,
];

export function spelledDegrees(d: Dice): Spelled<number | null> {
  return spelled(d, DEGREES);
}

const YEARS: readonly (readonly [string, number | null])[] = [
  ['0', 0],
  ['1999', 1999],
  ['"1999"', 1999],
  ['1.999e3', 1999],
  ['2004.0', 2004],
  ...NOTHING,
];

export function spelledYear(d: Dice): Spelled<number | null> {
  return spelled(d, YEARS);
}

/** Tokens that no text column can hold. */
export const UNSTORABLE = ['"nul \\u0000"', '"half \\ud83d"', `"byte ${NOT_UTF_8}"`] as const;

/** Tokens that are not a number of seconds below 100000. */
export const NOT_SECONDS = ['-1', '100000', '99999.999995', '1e5', '"long"', 'true', '[1]', '"1,5"', '"1 "'] as const;
export const NOT_DEGREES = ['"north"', '1000', '-1e3', '1e-302', '{}', '"12 N"'] as const;
export const NOT_A_YEAR = ['"soon"', '10000', '-1', '1999.5', 'false'] as const;

function escaped(text: string): string {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at).toString(16).padStart(4, '0'));
  return `"${units.map((unit) => `\\u${unit}`).join('')}"`;
}
