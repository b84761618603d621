/**
 * A sequencer in its canonical form: upper case, no leading zeros. S3 itself sends
 * "00617F08299329D189", through EventBridge the same is "617f08299329d189" (Amazon S3 User Guide, "Event message
 * structure" and "EventBridge event message structure").
 *
 * @returns `null` when there is none.
 */
export function canonicalSequencer(sequencer: string | null | undefined): string | null {
  const text = (sequencer ?? '').trim();
  return text === '' ? null : text.toUpperCase().replace(/^0+(?=.)/, '');
}

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
