/** Of the texts of rejected rows that one batch sends to the warehouse. */
const KEPT_BYTES = 16 * 1024 * 1024;

/**
 * Which rejected rows of a batch are kept; all are counted. Every file and every reason gets as many as the setting says, so
 * that a frequent reason does not hide a rare one; of these the warehouse keeps as many as the setting says in all.
 */
export class KeptRejects {
  readonly #max: number;
  readonly #kept = new Map<string, number>();
  #bytes = 0;

  /** @param max rejected rows of a batch. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Whether one more of this file and reason is kept. */
  takes(fileNumber: number, reason: string): boolean {
    const key = `${fileNumber} ${reason}`;
    const kept = this.#kept.get(key) ?? 0;
    if (kept >= this.#max || this.#bytes >= KEPT_BYTES) return false;
    this.#kept.set(key, kept + 1);
    return true;
  }

  add(line: string): void {
    this.#bytes += line.length;
  }
}
