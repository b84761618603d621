/** The cheapest check that detects a planted bug. */
export type Catcher =
  /** This many histories, from seed 1, of `npm run simulate`. */
  | { readonly kind: 'simulation'; readonly seeds: number }
  | { readonly kind: 'tests'; readonly files: readonly string[] };

/** A plausible mistake in the code or the SQL: one text in place of another. */
export type PlantedBug = {
  /** What is wrong then, in words. */
  readonly name: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly text: string;
  readonly instead: string;
  readonly caughtBy: Catcher;
};

export const simulation = (seeds: number): Catcher => ({ kind: 'simulation', seeds });
export const tests = (...files: readonly string[]): Catcher => ({ kind: 'tests', files });

/**
 * The file's source with the bug in it.
 *
 * @throws Error when the text is not there, or more than once: somebody changed the code, and the bug has to follow.
 */
export function plantIn(source: string, bug: PlantedBug): string {
  const pieces = source.split(bug.text);
  if (pieces.length !== 2) {
    const times = pieces.length - 1;
    throw new Error(
      `"${bug.name}": its text occurs ${times} times in ${bug.file}, expected once. The code has changed: ` +
        `update the bug (mutation/plants/), or delete it if the mistake is no longer possible.\n${bug.text}`,
    );
  }
  return pieces.join(bug.instead);
}
