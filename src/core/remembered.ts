/** Longer texts hardly come twice. */
const MAX_CHARACTERS = 256;
const MOST_TEXTS = 2_048;

/**
 * A function of texts that remembers what it gave for the last few thousand of them: for values that come again and again.
 *
 * @param of pure. Gets a copy of the text, so that what is remembered holds no larger text in memory that this one is cut from.
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
