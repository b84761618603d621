import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenText } from '../../src/core/token-text.ts';
import { bigint, degrees, epochMs, integer, isMisfit, seconds, year } from '../../src/datasets/column-types.ts';
import type { ColumnType, Misfit } from '../../src/datasets/column-types.ts';
import { asBytes } from './json-objects.ts';
import { spelledNumbers } from './spelled-numbers.ts';

const around = (value: bigint): fc.Arbitrary<bigint> => fc.bigInt({ min: value - 20n, max: value + 20n });

function valueOf(type: ColumnType, token: string): string | null | Misfit {
  const text = tokenText(asBytes(token));
  if (typeof text !== 'string') throw new Error(`${token} is not a text`);
  return type(text);
}

describe('whole numbers', () => {
  const types = [
    { name: 'bigint', type: bigint, from: -(2n ** 63n), to: 2n ** 63n - 1n },
    { name: 'integer', type: integer, from: -(2n ** 31n), to: 2n ** 31n - 1n },
    { name: 'epochMs', type: epochMs, from: BigInt(Date.UTC(2000, 0)), to: BigInt(Date.UTC(2100, 0)) - 1n },
    { name: 'year', type: year, from: 0n, to: 9999n },
  ];

  it.each(types)('any spelling of a $name is its digits; what is not whole or outside is not a $name', (given) => {
    const { type, from, to } = given;
    const units = fc.oneof(around(from), around(to), around(0n), fc.bigInt({ min: -(10n ** 22n), max: 10n ** 22n }));
    fc.assert(
      fc.property(spelledNumbers(units, 3), (number) => {
        const power = 10n ** BigInt(number.scale);
        const value = number.units / power;
        const fits = number.units % power === 0n && value >= from && value <= to;
        const found = valueOf(type, number.token);
        expect(isMisfit(found) ? 'misfit' : found).toBe(fits ? value.toString() : 'misfit');
      }),
      { numRuns: 400 },
    );
  });

  it.each([
    ['9007199254740993', '9007199254740993'],
    ['"9007199254740993.0"', '9007199254740993'],
    ['"007"', '7'],
    ['3.9e1', '39'],
    ['-0.0', '0'],
    ['0e999999999999', '0'],
    ['""', null],
    ['"   "', null],
  ])('%s is %j', (token, expected) => {
    expect(valueOf(bigint, token)).toBe(expected);
  });

  it.each(['1e999999999', '-1E99999999999999999999', '9223372036854775808', '-9223372036854775809', '1e19'])(
    '%s is outside of BIGINT',
    (token) => {
      const reason = 'is outside the range of BIGINT, -9223372036854775808 to 9223372036854775807';
      expect(valueOf(bigint, token)).toEqual({ reason });
    },
  );

  it.each([
    '39.5', '1e-999999999', '"39\\nx"', '"39 "', '" 39"', '"+39"', '"0x27"', '"39."', '".5"', '"1e"', '"1e+"', '"e1"',
    '"-"', '"--1"', '"1 2"', '"Infinity"', '"NaN"', '"٣"', '"1_000"', 'true', '[39]', '{"a":39}',
  ])('%s is not a whole number', (token) => {
    expect(valueOf(bigint, token)).toEqual({ reason: 'is not a whole number' });
  }); // prettier-ignore

  it('a time says what is wrong with it', () => {
    expect(valueOf(epochMs, '1542672042796.5')).toEqual({
      reason: 'is not a whole number of milliseconds since 1970',
    });
    expect(valueOf(epochMs, '1542672042')).toEqual({
      reason: 'is outside the years 2000 to 2099, in milliseconds since 1970',
    });
  });
});

describe('seconds', () => {
  it('any spelling is rounded to five decimals, half away from zero', () => {
    const units = fc.oneof(fc.bigInt({ min: -10n, max: 10n ** 13n }), around(99999n * 10n ** 8n), around(5n));
    fc.assert(
      fc.property(spelledNumbers(units, 12), (number) => {
        const power = 10n ** BigInt(number.scale);
        const rounded = (number.units * 10n ** 5n * 2n + power) / (2n * power);
        const fits = number.units >= 0n && rounded < 10n ** 10n;
        const digits = rounded.toString().padStart(6, '0');
        const expected = fits ? `${digits.slice(0, -5)}.${digits.slice(-5)}` : 'misfit';
        const found = valueOf(seconds, number.token);
        expect(isMisfit(found) ? 'misfit' : found).toBe(expected);
      }),
      { numRuns: 400 },
    );
  });

  it.each([
    ['2.005E+2', '200.50000'],
    ['"200.5"', '200.50000'],
    ['2.1893179E2', '218.93179'],
    ['200.123455', '200.12346'],
    ['0.0000049999999999999999999', '0.00000'],
    ['0.000005', '0.00001'],
    ['1e-999999999', '0.00000'],
    ['99999.999994', '99999.99999'],
    ['-0.0', '0.00000'],
    ['""', null],
  ])('%s is %j', (token, expected) => {
    expect(valueOf(seconds, token)).toBe(expected);
  });

  it.each(['99999.999995', '100000', '1e999999999', '-0.000001', '"-"', '"3:20"', 'false'])(
    '%s is not a number of seconds below 100000',
    (token) => {
      expect(valueOf(seconds, token)).toEqual({ reason: 'is not a number of seconds below 100000' });
    },
  );
});

describe('degrees', () => {
  it('any spelling casts to the same double, is below 1000 and has no exponent', () => {
    const units = fc.oneof(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), around(1000n), around(0n));
    fc.assert(
      fc.property(spelledNumbers(units, 45), (number) => {
        const value = Number(number.token.replaceAll('"', ''));
        const found = valueOf(degrees, number.token);
        if (Math.abs(value) >= 1000) expect(found).toEqual({ reason: 'is not a number of degrees' });
        else {
          expect(found).toMatch(/^(0|-?(0|[1-9]\d{0,2})([.]\d*[1-9])?)$/);
          expect(Number(found) + 0).toBe(value + 0);
        }
      }),
      { numRuns: 400 },
    );
  });

  it.each([
    ['-1e-05', '-0.00001'],
    ['6.0E-4', '0.0006'],
    ['3.514968E1', '35.14968'],
    ['51.4779', '51.4779'],
    ['-0', '0'],
    ['-0.0e5', '0'],
    ['"051.50"', '51.5'],
    ['0.1000000000000000055511151231257827021181583404541015625', '0.1'],
    ['""', null],
  ])('%s is %j', (token, expected) => {
    expect(valueOf(degrees, token)).toBe(expected);
  });

  it.each(['1000', '-1e3', '1e999999999', '4.9e-324', '1e-999999999', '999.999999999999999999', '"51°"', 'null1'])(
    '%s is not a number of degrees',
    (token) => {
      expect(valueOf(degrees, token)).toEqual({ reason: 'is not a number of degrees' });
    },
  );
});
