/** Of the texts of rejected rows that one batch sends to the warehouse. */
const KEPT_CHARACTERS = 16 * 1024 * 1024;

/**
 * Which rejected rows of a batch are kept; all are counted. Every file and every reason gets as many as the setting says, so
 * that a frequent reason does not hide a rare one; of these the warehouse keeps as many as the setting says in all.
 */
export class KeptRejects {
  readonly #max: number;
  #characters = 0;

  /** @param max rejected rows of a batch. */
  constructor(max: number) {
    this.#max = max;
  }

  /** @returns whether one more row of the file is kept that is rejected for this reason. */
  ofFile(): (reason: string) => boolean {
    const kept = new Map<string, number>();
    return (reason) => {
      const count = kept.get(reason) ?? 0;
      if (count >= this.#max || this.#characters >= KEPT_CHARACTERS) return false;
      kept.set(reason, count + 1);
      return true;
    };
  }

  /** @param characters of a row that is kept. */
  add(characters: number): void {
    this.#characters += characters;
  }
}
