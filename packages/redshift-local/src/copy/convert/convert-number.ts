import type { ConversionOptions } from '../parse/copy-statement.ts';
import type { Convert } from './convert-text.ts';
import { FieldError } from './field-error.ts';
import type { TargetColumn } from './target-column.ts';

type IntegerType = 'int2' | 'int4' | 'int8';

/** SMALLINT, INTEGER, BIGINT: an optional sign and digits, nothing else. `1.0` and `1e3` are refused (1207). */
export function convertInteger(type: IntegerType): Convert {
  const { name, bits } = integerTypes[type];
  const most = 2n ** BigInt(bits - 1);
  return (text) => {
    const invalid = /^[+-]?$|(?!^[+-])[^0-9]/.exec(text);
    if (invalid !== null) throw invalidDigit(text, invalid.index, name);
    // Fifteen digits are exact and inside of BIGINT; only the rest needs the slow check.
    if (text.length <= 15 && (type === 'int8' || fits(Number(text), bits))) return text;
    const value = BigInt(text.replace(/^\+/, ''));
    if (value >= most || value < -most) throw new FieldError(1222, `Overflow, Value '${text}', Type: ${name}`);
    return text;
  };
}

const integerTypes: Readonly<Record<IntegerType, { name: string; bits: number }>> = {
  int2: { name: 'Short', bits: 16 },
  int4: { name: 'Integer', bits: 32 },
  int8: { name: 'Long', bits: 64 },
};

function fits(value: number, bits: number): boolean {
  return value < 2 ** (bits - 1) && value >= -(2 ** (bits - 1));
}

/**
 * NUMERIC(p, s): digits beyond the scale are cut, or rounded with ROUNDEC (Redshift docs, data conversion parameters).
 * Other than Redshift, which reads JSON numbers as floats and may lose digits, this keeps every digit as written.
 */
export function convertDecimal(column: TargetColumn, options: ConversionOptions): Convert {
  const limit = 10n ** BigInt(column.length);
  return (text) => {
    const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text);
    const [whole, fraction, exponent] = [match?.[2] ?? '', match?.[3] ?? '', Number(match?.[4] ?? 0)];
    if (match === null || whole + fraction === '') {
      throw invalidDigit(text, /^[+-]?$|(?!^[+-])[^0-9.]/.exec(text)?.index ?? 0, 'Decimal');
    }
    const unscaled = scaleDigits(whole + fraction, column.scale - fraction.length + exponent, options.roundDecimals);
    if (unscaled >= limit) {
      throw new FieldError(1209, `Overflow for NUMERIC(${column.length},${column.scale}), Value '${text}'`);
    }
    const digits = String(unscaled).padStart(column.scale + 1, '0');
    const point = digits.length - column.scale;
    const sign = match[1] === '-' ? '-' : '';
    return sign + digits.slice(0, point) + (column.scale > 0 ? `.${digits.slice(point)}` : '');
  };
}

/** The digits times 10^shift as an integer; what falls off is cut, or rounded half away from zero. */
function scaleDigits(digits: string, shift: number, round: boolean): bigint {
  if (shift >= 0) return BigInt(digits + '0'.repeat(shift));
  const kept = digits.slice(0, Math.max(digits.length + shift, 0));
  const firstLost = digits.length + shift < 0 ? '0' : (digits[digits.length + shift] ?? '0');
  return BigInt(kept === '' ? '0' : kept) + (round && firstLost >= '5' ? 1n : 0n);
}

/** REAL and DOUBLE PRECISION. */
export function convertFloat(type: 'float4' | 'float8'): Convert {
  return (text) => {
    if (/^[+-]?(nan|inf|infinity)$/i.test(text)) return text;
    const value = type === 'float4' ? Math.fround(Number(text)) : Number(text);
    if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text))
      throw new FieldError(1208, `Invalid value for FLOAT: '${text}'`);
    if (!Number.isFinite(value)) throw new FieldError(1208, `Overflow for FLOAT, Value '${text}'`);
    return String(value);
  };
}

/** BOOLEAN: true, t, yes, y, 1 and their opposites, in any case. */
export const convertBoolean: Convert = (text) => {
  const value = booleans.get(text.toLowerCase());
  if (value === undefined) throw new FieldError(1210, 'Unknown boolean format');
  return value;
};

const booleans = new Map([
  ...['true', 't', 'yes', 'y', '1'].map((text) => [text, 't'] as const),
  ...['false', 'f', 'no', 'n', '0'].map((text) => [text, 'f'] as const),
]);

function invalidDigit(text: string, position: number, type: string): FieldError {
  return new FieldError(
    1207,
    `Invalid digit, Value '${text.charAt(position)}', Pos ${position}, Type: ${type}`,
    position,
  );
}
