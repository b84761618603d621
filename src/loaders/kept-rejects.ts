/** Limit of the texts of rejected rows that one batch sends to the warehouse. */
const KEPT_CHARACTERS = 16 * 1024 * 1024;

/**
 * Chooses which rejected rows of a batch are stored; all are counted. Each reason of each file may have up to `max` rows, so that a
 * frequent reason does not hide a rare one; the warehouse then stores at most `max` rows of the batch.
 */
export class KeptRejects {
  readonly #max: number;
  #characters = 0;

  /** @param max rejected rows of a batch. */
  constructor(max: number) {
    this.#max = max;
  }

  /** @returns a function that says whether one more row of the file with this reason is stored. */
  ofFile(): (reason: string) => boolean {
    const kept = new Map<string, number>();
    return (reason) => {
      const count = kept.get(reason) ?? 0;
      if (count >= this.#max || this.#characters >= KEPT_CHARACTERS) return false;
      kept.set(reason, count + 1);
      return true;
    };
  }

  /** @param characters of a row that is stored. */
  add(characters: number): void {
    this.#characters += characters;
  }
}
