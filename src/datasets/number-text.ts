/**
 * A number taken apart without arithmetic on its value: ± 0.`digits` × 10^`pointAt`. `digits` begins and ends with another
 * digit than 0; zero has no digits, no sign and its point at 0.
 */
export type NumberText = {
  readonly isNegative: boolean;
  readonly digits: string;
  /** How many digits stand before the point; negative: zeros after the point before the first digit. May be ±Infinity. */
  readonly pointAt: number;
};

const [ZERO, NINE, POINT, MINUS, PLUS, BIG_E, SMALL_E] = [0x30, 0x39, 0x2e, 0x2d, 0x2b, 0x45, 0x65];
const NOTHING: NumberText = { isNegative: false, digits: '', pointAt: 0 };

/** No program writes a number that is longer, and the work of whoever reads one has a bound. */
const MAX_CHARACTERS = 1024;

/**
 * Reads a number in any JSON spelling; leading zeros are allowed as well. Costs no more than the text is long, whatever the
 * exponent.
 *
 * @returns `undefined` for a text that is not a number, or that has more than 1,024 characters.
 */
export function readNumber(text: string): NumberText | undefined {
  if (text.length > MAX_CHARACTERS) return undefined;
  const isNegative = text.charCodeAt(0) === MINUS;
  const begin = isNegative ? 1 : 0;
  const wholeEnd = digitsEnd(text, begin);
  if (wholeEnd === begin) return undefined;
  let end = wholeEnd;
  if (text.charCodeAt(end) === POINT) {
    end = digitsEnd(text, wholeEnd + 1);
    if (end === wholeEnd + 1) return undefined;
  }
  const exponent = end === text.length ? 0 : readExponent(text, end);
  if (exponent === undefined) return undefined;
  const all = end === wholeEnd ? text.slice(begin, end) : text.slice(begin, wholeEnd) + text.slice(wholeEnd + 1, end);
  return withoutOuterZeros(isNegative, all, wholeEnd - begin + exponent);
}

/** @returns `undefined` where the text after the digits is not an exponent. Far beyond every number it is ±Infinity. */
function readExponent(text: string, at: number): number | undefined {
  const letter = text.charCodeAt(at);
  if (letter !== SMALL_E && letter !== BIG_E) return undefined;
  const sign = text.charCodeAt(at + 1);
  const begin = sign === MINUS || sign === PLUS ? at + 2 : at + 1;
  const end = digitsEnd(text, begin);
  return end === begin || end !== text.length ? undefined : Number(text.slice(at + 1));
}

function withoutOuterZeros(isNegative: boolean, all: string, pointAt: number): NumberText {
  let begin = 0;
  while (all.charCodeAt(begin) === ZERO) begin += 1;
  if (begin === all.length) return NOTHING;
  let end = all.length;
  while (all.charCodeAt(end - 1) === ZERO) end -= 1;
  return { isNegative, digits: all.slice(begin, end), pointAt: pointAt - begin };
}

function digitsEnd(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (!(code >= ZERO && code <= NINE)) return at;
    at += 1;
  }
}

/** Digits only, in their one spelling, and few enough for a double to hold their value exactly: most numbers of a log. */
export function isSmallWhole(text: string): boolean {
  const { length } = text;
  return length >= 1 && length <= 15 && text.charCodeAt(0) !== ZERO && digitsEnd(text, 0) === length;
}

export function isWhole(number: NumberText): boolean {
  return number.pointAt >= number.digits.length;
}

/**
 * The number without point and exponent, `-` before a negative one.
 *
 * @param number whole (`isWhole`), and with few digits (`pointAt`) in case it came with an exponent.
 */
export function wholeText(number: NumberText): string {
  if (number.digits === '') return '0';
  const magnitude = number.digits.padEnd(number.pointAt, '0');
  return number.isNegative ? `-${magnitude}` : magnitude;
}

/**
 * The number without exponent, with as many decimals as it needs.
 *
 * @param number with a point not too far away (`pointAt`): every zero up to it is written.
 */
export function plainText(number: NumberText): string {
  if (isWhole(number)) return wholeText(number);
  const { digits, pointAt } = number;
  const magnitude =
    pointAt > 0 ? `${digits.slice(0, pointAt)}.${digits.slice(pointAt)}` : `0.${'0'.repeat(-pointAt)}${digits}`;
  return number.isNegative ? `-${magnitude}` : magnitude;
}

/**
 * The number × 10^`decimals`, rounded half away from zero to a whole number, by its digits.
 *
 * @param number not negative, and small enough for the result to have at most 15 digits.
 */
export function roundedUnits(number: NumberText, decimals: number): number {
  const { digits, pointAt } = number;
  const kept = pointAt + decimals;
  if (kept < 0) return 0;
  const units = Number(digits.slice(0, kept).padEnd(kept, '0'));
  return digits.charCodeAt(kept) >= ZERO + 5 ? units + 1 : units;
}
