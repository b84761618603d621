/** Both ends are in it, epoch ms. */
export type TimeRange = { readonly minMs: number; readonly maxMs: number };

/** Maximum number of ranges in a statement; each is one more condition for the warehouse to check per block. */
const MOST = 8;
/** Minimum gap between two ranges. Blocks of a sort key hold hours to days, so a smaller gap would not skip any. */
const APART_MS = 24 * 3_600_000;

/**
 * At most eight disjoint ranges that contain all added times, so that one late event does not make a statement read the years
 * between it and the other events.
 */
export class TimeRanges {
  #ranges: readonly TimeRange[] = [];

  /** In order of time. */
  get all(): readonly TimeRange[] {
    return this.#ranges;
  }

  add(atMs: number): void {
    // Most times are within a range already.
    if (this.#ranges.some(({ maxMs, minMs }) => atMs >= minMs && atMs <= maxMs)) return;
    this.#join([{ minMs: atMs, maxMs: atMs }]);
  }

  addAll(ranges: readonly TimeRange[]): void {
    if (ranges.length > 0) this.#join(ranges);
  }

  #join(more: readonly TimeRange[]): void {
    this.#ranges = joined([...this.#ranges, ...more]);
  }
}

function joined(ranges: readonly TimeRange[]): readonly TimeRange[] {
  const sorted = ranges.toSorted((a, b) => a.minMs - b.minMs);
  const apart: TimeRange[] = [];
  for (const range of sorted) {
    const last = apart.at(-1);
    if (last !== undefined && range.minMs - last.maxMs < APART_MS) apart[apart.length - 1] = union(last, range);
    else apart.push(range);
  }
  while (apart.length > MOST) {
    const gaps = apart.slice(1).map(({ minMs }, index) => minMs - (apart[index]?.maxMs ?? minMs));
    const at = gaps.indexOf(Math.min(...gaps));
    const [a, b] = apart.slice(at, at + 2);
    if (a === undefined || b === undefined) break;
    apart.splice(at, 2, union(a, b));
  }
  return apart;
}

function union(a: TimeRange, b: TimeRange): TimeRange {
  return { minMs: Math.min(a.minMs, b.minMs), maxMs: Math.max(a.maxMs, b.maxMs) };
}
