import fc from 'fast-check';
import type { JsonObject } from '../../src/core/json-object.ts';

/** Text as the splitter hands tokens over: a char code for each byte of its UTF-8. */
export function asBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** An object of a file, from its keys and JSON tokens in their order. */
export function jsonObject(members: readonly (readonly [key: string, token: string])[]): JsonObject {
  return {
    ordinal: 1,
    lineNumber: 1,
    keys: members.map(([key]) => key),
    tokens: members.map(([, token]) => asBytes(token)),
  };
}

/** An object of a file, from values; `undefined` leaves the key out. */
export function objectOf(values: Readonly<Record<string, unknown>>): JsonObject {
  const present = Object.entries(values).filter(([, value]) => value !== undefined);
  return jsonObject(present.map(([key, value]) => [key, JSON.stringify(value)]));
}

/** JSON tokens of any kind that texts and numbers meet. */
export const anyToken: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => JSON.stringify(text)),
  fc
    .oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.boolean())
    .map((value) => JSON.stringify(value)),
  fc.constantFrom('null', '""', '" "', '-0', '1e999999999', '[]', '{"a": ["\u0000", 1e-7]}', '"\\u0000"', '"\\ud800"'),
);
