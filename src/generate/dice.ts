/**
 * Repeatable dice: everything generated is a function of the seed, so that the same seed gives the same bytes on any
 * machine. Each thing (a song, a user, a day) rolls its own dice, named by a label and a number, and therefore does
 * not depend on what was generated before it.
 */
export type Dice = {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform whole number in [min, max]. */
  between(min: number, max: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
};

/** Dice for one thing: `dice(seed, 'song', 17)`. */
export function dice(seed: number, label: string, index: number): Dice {
  const next = mulberry32(mix(hashText(label), mix(seed >>> 0, index >>> 0) ^ Math.floor(index / 2 ** 32)));
  return {
    next,
    between: (min, max) => min + Math.floor(next() * (max - min + 1)),
    chance: (probability) => next() < probability,
    pick: (choices) => {
      const choice = choices[Math.floor(next() * choices.length)];
      if (choice === undefined) throw new Error('Nothing to pick from.');
      return choice;
    },
  };
}

/** The well-known 32-bit generator by Tommy Ettinger: small, fast and good enough for test data. */
function mulberry32(start: number): () => number {
  let state = start | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

function hashText(text: string): number {
  let hash = 2166136261;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 16777619);
  return hash >>> 0;
}

/** Spreads neighbouring seeds and indexes over the whole range, so that song 17 and song 18 have nothing in common. */
function mix(left: number, right: number): number {
  let value = Math.imul(left ^ Math.imul(right, 0x9e3779b1), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
