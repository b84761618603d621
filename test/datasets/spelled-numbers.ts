import fc from 'fast-check';

/** A number in one of its spellings, as a JSON token, with its value: `units` / 10^`scale`. */
export type SpelledNumber = { readonly token: string; readonly units: bigint; readonly scale: number };

/** Numbers in any spelling of JSON: with and without point and exponent, with superfluous zeros, bare or as text. */
export function spelledNumbers(units: fc.Arbitrary<bigint>, maxScale: number): fc.Arbitrary<SpelledNumber> {
  return fc
    .record({
      units,
      scale: fc.nat(maxScale),
      zerosAfter: fc.nat(4),
      zerosBefore: fc.nat(3),
      decimals: fc.nat(30),
      exponent: fc.constantFrom('e', 'E', 'e+', 'E+'),
      exponentZeros: fc.constantFrom('', '0', '00'),
      isNegativeZero: fc.boolean(),
    })
    .map((made) => {
      const magnitude = (made.units < 0n ? -made.units : made.units).toString();
      const digits = '0'.repeat(made.zerosBefore) + magnitude + '0'.repeat(made.zerosAfter);
      const padded = digits.padStart(made.decimals + 1, '0');
      const whole = padded.slice(0, padded.length - made.decimals);
      const mantissa = made.decimals === 0 ? whole : `${whole}.${padded.slice(-made.decimals)}`;
      const power = made.decimals - made.scale - made.zerosAfter;
      const letter = power < 0 ? `${made.exponent.slice(0, 1)}-` : made.exponent;
      const exponent = power === 0 ? '' : `${letter}${made.exponentZeros}${Math.abs(power)}`;
      const sign = made.units < 0n || (made.units === 0n && made.isNegativeZero) ? '-' : '';
      const text = `${sign}${mantissa}${exponent}`;
      // JSON allows superfluous leading zeros only within a text.
      const isBare = /^(0|[1-9]\d*)$/.test(whole) && made.zerosAfter % 2 === 0;
      return { token: isBare ? text : `"${text}"`, units: made.units, scale: made.scale };
    });
}
