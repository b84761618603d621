import type { FileEvent } from '../file-event.ts';
import { cutToBytes, LEDGER_BYTES } from '../loading/ledger.ts';
import { printable } from '../printable.ts';

const DAY_MS = 86_400_000;
/** Amazon S3 was launched on this day: no object is older. */
const FIRST_EVENT_MS = Date.UTC(2006, 2, 14);
/** For a message without a sent time. */
const LAST_EVENT_MS = Date.UTC(2099, 11, 31);
/** The ledger stores sequencers as 32 digits; those of S3 have 16 to 18. */
const SEQUENCER_DIGITS = 32;
const SHOWN_BYTES = 60;

/**
 * Why a file event is invalid: a field that S3 never sends and that the ledger could not store. Everything else is accepted;
 * reading the object shows what it really is. The limits are those of `LEDGER_BYTES` and of Amazon
 * S3: keys are at most 1,024 bytes of UTF-8 ("Creating object key names"), version ids at most 1,024 ("Retaining multiple
 * versions of objects with S3 Versioning"), names of buckets at most 63 letters, digits, dots and hyphens, older ones with
 * underscores ("General purpose bucket naming rules"). An etag is whatever stands between the quotes of an HTTP header; a
 * deletion has none. A size is only bounded by the largest number that keeps its digits, because S3 has raised its own limit before.
 *
 * @param sentAtMs epoch ms at which SQS took the message, 0 if unknown. An event cannot be later than its message; one day
 *   allows for clocks that differ. The clock of this machine is not used, because it may be wrong.
 * @returns the field, what was found and what was expected; `null` when the event is valid.
 */
export function fileProblem(file: FileEvent, sentAtMs: number): string | null {
  const { bucket, change, etag, eventTimeMs, key, sequencer, size, versionId } = file;
  if (!/^[A-Za-z0-9._-]+$/.test(bucket) || bucket.length > LEDGER_BYTES.bucket) {
    return `bucket ${shown(bucket)}, expected 1 to ${LEDGER_BYTES.bucket} letters, digits, dots, hyphens and underscores`;
  }
  if (key === '' || !key.isWellFormed() || Buffer.byteLength(key) > LEDGER_BYTES.objectKey) {
    return `key ${shown(key)}, expected 1 to ${LEDGER_BYTES.objectKey} bytes of UTF-8`;
  }
  const mayLackEtag = change === 'delete' && etag === '';
  if (!mayLackEtag && !isStorable(etag, LEDGER_BYTES.etag)) {
    return `eTag ${shown(etag)}, expected 1 to ${LEDGER_BYTES.etag} bytes without control characters`;
  }
  if (versionId !== null && !isStorable(versionId, LEDGER_BYTES.versionId)) {
    return `versionId ${shown(versionId)}, expected 1 to ${LEDGER_BYTES.versionId} bytes without control characters`;
  }
  if (sequencer !== null && (!/^[0-9A-F]+$/.test(sequencer) || sequencer.length > SEQUENCER_DIGITS)) {
    return `sequencer ${shown(sequencer)}, expected 1 to ${SEQUENCER_DIGITS} hexadecimal digits`;
  }
  if (!Number.isSafeInteger(size) || size < 0) return `size ${size}, expected a whole number of bytes`;
  const lastMs = Math.min(sentAtMs > 0 ? sentAtMs + DAY_MS : LAST_EVENT_MS, LAST_EVENT_MS);
  if (eventTimeMs < FIRST_EVENT_MS || eventTimeMs > lastMs) {
    return `eventTime ${timeText(eventTimeMs)}, expected ${timeText(FIRST_EVENT_MS)} to ${timeText(lastMs)}`;
  }
  return null;
}

/** Foreign text for a reason: quoted, printable and short. */
export function shown(text: string): string {
  const start = cutToBytes(text, SHOWN_BYTES);
  return start === text ? `"${printable(text)}"` : `"${printable(start)}…" of ${Buffer.byteLength(text)} bytes`;
}

function isStorable(text: string, maxBytes: number): boolean {
  return text !== '' && text.isWellFormed() && !/\p{Cc}/u.test(text) && Buffer.byteLength(text) <= maxBytes;
}

function timeText(atMs: number): string {
  return new Date(atMs).toISOString();
}
