/**
 * Orders two S3 sequencers of the *same key*: negative when `a` is earlier, 0 when equal, positive when later. They are
 * hexadecimal texts of varying length; the shorter one is padded on the left with zeros and then compared as text
 * (Amazon S3 User Guide, "Event message structure"). For different keys the result means nothing.
 */
export function compareSequencers(a: string, b: string): number {
  const length = Math.max(a.length, b.length);
  const left = a.toLowerCase().padStart(length, '0');
  const right = b.toLowerCase().padStart(length, '0');
  return left < right ? -1 : left > right ? 1 : 0;
}
