import type { ErrorCode } from './errors.ts';
import { IngestError } from './errors.ts';
import { cutToBytes, LEDGER_BYTES } from './ledger.ts';

/** For `ingest_files`: why a file was set aside. */
export type FileTrouble = { readonly code: string; readonly reason: string };

/**
 * What another object of the same prefix says of an error: it can be read, so the error is the object's own; it cannot be
 * read either, with this error; or there is no other object to ask.
 */
export type Control =
  | { readonly kind: 'readable' }
  | { readonly kind: 'unreadable'; readonly error: IngestError }
  | { readonly kind: 'none' };

/** An object that S3 did not deliver, so far. `spentMs`: since its last byte, or since the first try. */
export type Failure = {
  readonly error: IngestError;
  readonly control: Control;
  readonly tries: number;
  readonly spentMs: number;
};

type ObjectVerdict =
  | { readonly kind: 'try_again' }
  | { readonly kind: 'set_aside'; readonly trouble: FileTrouble }
  /** It is not about this object. Nothing is settled. */
  | { readonly kind: 'give_up'; readonly error: IngestError };

/** A delay is drawn between the two, the later the longer. */
export const TRY_AGAIN = { minMs: 500, maxMs: 5_000 };
const MAX_TRIES = 3;
/** The others of the batch wait meanwhile. A try of an object that stays silent takes most of it. */
const PATIENCE_MS = 60_000;

/**
 * Errors that may be an object's own: what the ledger says then, and what a person can do. All codes begin with `object_`,
 * and by that a backfill tells them from what is wrong with a file's content (sql/load/know/30_known_backfill.sql).
 */
export const OBJECT_TROUBLES: Readonly<Partial<Record<ErrorCode, { readonly code: string; readonly advice: string }>>> =
  {
    access_denied: {
      code: 'object_denied',
      advice: 'check the owner of the object, the bucket policy, the role policy and the KMS key',
    },
    key_refused: { code: 'object_key_refused', advice: 'check the KMS key of the object' },
    request_refused: {
      code: 'object_refused',
      advice: 'upload the object again without a customer-provided key (SSE-C): the service does not have the key',
    },
    object_unreadable: { code: 'object_unreadable', advice: 'restore the object from its archive' },
    service_unavailable: { code: 'object_transport', advice: 'read the object with another tool, or upload it again' },
    throttled: { code: 'object_transport', advice: 'wait, and write fewer objects at once' },
    endpoint_unreachable: { code: 'object_transport', advice: 'read the object with another tool, or upload it again' },
    unknown: { code: 'object_transport', advice: 'read the object with another tool, or upload it again' },
  };

/** Answers that are about the reader as well as about what is read. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['access_denied', 'key_refused', 'request_refused']);

/** A few objects of a batch may be at fault. Many of them, and one in twenty, are a fault of S3, which passes. */
const TRANSPORT_TROUBLES = { most: 10, oneIn: 20 };

/**
 * An error when S3 did not deliver so many objects of one batch that S3 itself is the likely cause: nothing is settled then.
 *
 * @param codes why each file of the batch was set aside, `null` for files that were not.
 * @returns `null` when the troubles may be the objects' own.
 */
export function tooManyTroubles(codes: readonly (string | null)[]): IngestError | null {
  const count = codes.filter((code) => code === 'object_transport').length;
  if (count <= TRANSPORT_TROUBLES.most || count * TRANSPORT_TROUBLES.oneIn <= codes.length) return null;
  const sentence = `S3 did not deliver ${count} of the ${codes.length} objects of one batch; the cause is probably S3 or the network. No file is quarantined meanwhile.`;
  return new IngestError('service_unavailable', sentence);
}

/** Whether another object has to be asked before anything follows from the error. That one is archived, S3 says of itself. */
export function needsControl({ code }: IngestError): boolean {
  return OBJECT_TROUBLES[code] !== undefined && code !== 'object_unreadable';
}

/** What follows from an error of one object. */
export function objectVerdict(failure: Failure): ObjectVerdict {
  const { control, error, spentMs, tries } = failure;
  const own = OBJECT_TROUBLES[error.code];
  if (own === undefined) return { kind: 'give_up', error };
  if (needsControl(error)) {
    if (control.kind !== 'readable') return { kind: 'give_up', error: ofTheWholePrefix(error, control) };
    if (tries < MAX_TRIES && spentMs < PATIENCE_MS) return { kind: 'try_again' };
  }
  const then = ` Other objects can be read, so this file is quarantined: ${own.advice}, then run "sparkify backfill".`;
  // A key may be as long as the column.
  const seen = cutToBytes(error.message, LEDGER_BYTES.reason - Buffer.byteLength(then));
  return { kind: 'set_aside', trouble: { code: own.code, reason: `${seen}${then}` } };
}

function ofTheWholePrefix(error: IngestError, control: Exclude<Control, { kind: 'readable' }>): IngestError {
  const cause = control.kind === 'unreadable' ? control.error : error;
  // Nobody knows what this is; it ends by itself, or somebody looks. Nothing is settled, and nothing stops.
  if (cause.code === 'unknown') return new IngestError('service_unavailable', cause.message, { cause });
  if (!REFUSALS.has(cause.code)) return cause;
  const others =
    control.kind === 'unreadable'
      ? `Other objects of the prefix cannot be read either (${control.error.message})`
      : 'No other object of the prefix could be read to compare';
  const sentence = `${error.message} ${others}. No file is quarantined meanwhile: check the credentials, the bucket policy, the role policy and the KMS key.`;
  return new IngestError('bucket_unreadable', sentence, { seen: error.seen, cause: error });
}
