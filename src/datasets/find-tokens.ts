import type { JsonObject } from '../core/json-object.ts';

/**
 * Looks keys up in JSON objects. The key as it is spelled wins over spellings that differ only in case; of equal rank the
 * last one counts.
 *
 * @param keys what is looked for; any two differ in more than case.
 * @returns per object the token of each key, in the order of `keys`; `undefined` where the object lacks the key.
 */
export function createTokenFinder(keys: readonly string[]): (object: JsonObject) => readonly (string | undefined)[] {
  const exact = new Map(keys.map((key, index) => [key, index]));
  const ignoringCase = new Map(keys.map((key, index) => [key.toLowerCase(), index]));
  const nothing = keys.map((): string | undefined => undefined);
  return (object) => {
    const exactly = nothing.slice();
    let otherwise: (string | undefined)[] | undefined;
    for (let at = 0; at < object.keys.length; at += 1) {
      const key = object.keys[at] ?? '';
      const index = exact.get(key);
      if (index !== undefined) {
        exactly[index] = object.tokens[at];
        continue;
      }
      const similar = ignoringCase.get(key.toLowerCase());
      if (similar === undefined) continue;
      otherwise ??= nothing.slice();
      otherwise[similar] = object.tokens[at];
    }
    return otherwise === undefined ? exactly : exactly.map((token, index) => token ?? otherwise[index]);
  };
}
