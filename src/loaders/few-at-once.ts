/**
 * Slices of a list that are small enough to be held in memory at once: so many entries and, unless one alone is larger,
 * so many bytes.
 */
export function* fewAtOnce<T>(
  entries: readonly T[],
  { maxBytes, maxCount, sizeOf }: { maxBytes: number; maxCount: number; sizeOf: (entry: T) => number },
): Iterable<readonly T[]> {
  let slice: T[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = sizeOf(entry);
    if (slice.length > 0 && (slice.length >= maxCount || bytes + size > maxBytes)) {
      yield slice;
      slice = [];
      bytes = 0;
    }
    slice.push(entry);
    bytes += size;
  }
  if (slice.length > 0) yield slice;
}
