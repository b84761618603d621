import fc from 'fast-check';
import { expect, it } from 'vitest';
import { UNSTORABLE, tokenText } from '../../src/core/token-text.ts';
import { asBytes } from './json-objects.ts';

const anyUnit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
const anyText = fc.string({ unit: fc.oneof(anyUnit, fc.constantFrom('"', '\\', '/', '\n', ' ', 'é', '😀', '\uFFFD')) });

/** Escapes everything that `choose` picks, besides what JSON has to escape. */
function spelled(text: string, choose: readonly boolean[]): string {
  const units = Array.from(text).map((character, index) =>
    choose[index % choose.length] === true
      ? Array.from({ length: character.length }, (_, at) => {
          const code = character.charCodeAt(at).toString(16).padStart(4, '0');
          return `\\u${index % 2 === 0 ? code : code.toUpperCase()}`;
        }).join('')
      : JSON.stringify(character).slice(1, -1),
  );
  return `"${units.join('')}"`;
}

it('a text is decoded from any spelling, or is unstorable for a NUL or half of a surrogate pair', () => {
  fc.assert(
    fc.property(anyText, fc.array(fc.boolean(), { minLength: 1 }), (text, choose) => {
      const expected = text.includes('\0') || !text.isWellFormed() ? UNSTORABLE : text;
      expect(tokenText(asBytes(spelled(text, choose)))).toBe(expected);
    }),
    { numRuns: 500 },
  );
});

it('bytes that are not UTF-8 make a text or a nested value unstorable; U+FFFD itself is a text', () => {
  const isUtf8 = (bytes: Buffer): boolean => bytes.equals(Buffer.from(bytes.toString('utf8'), 'utf8'));
  const highByte = fc.integer({ min: 0x80, max: 0xff });
  fc.assert(
    fc.property(fc.array(fc.oneof(highByte, fc.constantFrom(0x41, 0xef, 0xbf, 0xbd)), { maxLength: 6 }), (codes) => {
      const bytes = Buffer.from(codes);
      const expected = isUtf8(bytes) ? bytes.toString('utf8') : UNSTORABLE;
      expect(tokenText(`"${bytes.toString('latin1')}"`)).toBe(expected);
      const nested = expected === UNSTORABLE ? UNSTORABLE : `["${bytes.toString('utf8')}"]`;
      expect(tokenText(`["${bytes.toString('latin1')}"]`)).toBe(nested);
    }),
    { numRuns: 500 },
  );
  expect(tokenText(asBytes('"\uFFFD\uFEFF"'))).toBe('\uFFFD\uFEFF');
  for (const bytes of ['"\xed\xa0\x80"', '"\xc0\x80"', '"\xf5\x80\x80\x80"']) expect(tokenText(bytes)).toBe(UNSTORABLE);
});

it.each([
  ['null', null],
  ['true', 'true'],
  ['1.50e+3', '1.50e+3'],
  ['""', ''],
  ['"null"', 'null'],
  [String.raw`{"a": [1, "\u0000"]}`, String.raw`{"a": [1, "\u0000"]}`],
])('%s is the text %j', (token, expected) => {
  expect(tokenText(token)).toBe(expected);
});
