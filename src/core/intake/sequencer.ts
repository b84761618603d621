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
