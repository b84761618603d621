/** Longer texts rarely repeat. */
const MAX_CHARACTERS = 256;
const MOST_TEXTS = 2_048;

/**
 * A function of texts that caches its results for the last few thousand texts, for values that repeat.
 *
 * @param of a pure function. It gets a copy of the text, so that the cache does not keep a larger text alive of which this is a slice.
 */
export function remembered<T extends string | object | null>(of: (text: string) => T): (text: string) => T {
  let latest = new Map<string, T>();
  let earlier: ReadonlyMap<string, T> = new Map();
  return (text) => {
    const known = latest.get(text);
    if (known !== undefined) return known;
    if (text.length > MAX_CHARACTERS) return of(text);
    const own = copyOf(text);
    const value = earlier.get(text) ?? of(own);
    if (latest.size >= MOST_TEXTS) {
      earlier = latest;
      latest = new Map();
    }
    latest.set(own, value);
    return value;
  };
}

/** @param text well-formed. */
function copyOf(text: string): string {
  return Buffer.from(text).toString();
}
