/** A binary heap: the earliest comes out first, and of equally early ones the one that went in first. */
export class TimeQueue<T> {
  readonly #timeOf: (item: T) => number;
  readonly #heap: { item: T; timeMs: number; turn: number }[] = [];
  #turn = 0;

  constructor(timeOf: (item: T) => number) {
    this.#timeOf = timeOf;
  }

  push(item: T): void {
    this.#turn += 1;
    const entry = { item, timeMs: this.#timeOf(item), turn: this.#turn };
    let index = this.#heap.length;
    this.#heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  /** The earliest item if its time is before the limit, taken out; `null` otherwise. */
  popBefore(limitMs: number): T | null {
    const first = this.#heap[0];
    if (first === undefined || first.timeMs >= limitMs) return null;
    const last = this.#heap.pop();
    if (last !== undefined && last !== first) {
      this.#heap[0] = last;
      this.#sink();
    }
    return first.item;
  }

  #sink(): void {
    for (let index = 0; ;) {
      let earliest = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < this.#heap.length && this.#isBefore(child, earliest)) earliest = child;
      }
      if (earliest === index) return;
      this.#swap(index, earliest);
      index = earliest;
    }
  }

  #isBefore(left: number, right: number): boolean {
    const [a, b] = [this.#heap[left], this.#heap[right]];
    if (a === undefined || b === undefined) return false;
    return a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.turn < b.turn);
  }

  #swap(left: number, right: number): void {
    const [a, b] = [this.#heap[left], this.#heap[right]];
    if (a === undefined || b === undefined) return;
    this.#heap[left] = b;
    this.#heap[right] = a;
  }
}
