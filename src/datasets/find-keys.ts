import type { JsonObject } from '../core/json-object.ts';

const NOWHERE = -1;

/**
 * Looks keys up in JSON objects. The key as it is spelled wins over spellings that differ only in case; of equal rank the
 * last one counts.
 *
 * @param keys what is looked for; any two differ in more than case.
 * @returns per object where each key's token is among the object's, in the order of `keys`; -1 where the object lacks it.
 */
export function createKeyFinder(keys: readonly string[]): (object: JsonObject) => readonly number[] {
  const exact = new Map(keys.map((key, index) => [key, index]));
  const ignoringCase = new Map(keys.map((key, index) => [key.toLowerCase(), index]));
  const find = (present: readonly string[]): readonly number[] => {
    const exactly = keys.map(() => NOWHERE);
    const similarly = keys.map(() => NOWHERE);
    for (const [at, key] of present.entries()) {
      const index = exact.get(key);
      if (index !== undefined) exactly[index] = at;
      const similar = ignoringCase.get(key.toLowerCase());
      if (similar !== undefined) similarly[similar] = at;
    }
    return exactly.map((at, index) => (at === NOWHERE ? (similarly[index] ?? NOWHERE) : at));
  };
  // Most objects have the keys of the one before, in the same order.
  let latest: { readonly present: readonly string[]; readonly found: readonly number[] } = {
    present: [],
    found: find([]),
  };
  return (object) => {
    if (latest.present !== object.keys && !areSame(latest.present, object.keys))
      latest = { present: object.keys, found: find(object.keys) };
    return latest.found;
  };
}

function areSame(some: readonly string[], others: readonly string[]): boolean {
  if (some.length !== others.length) return false;
  for (let at = 0; at < some.length; at += 1) if (some[at] !== others[at]) return false;
  return true;
}
