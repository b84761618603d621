import type { ErrorCode } from '../errors.ts';
import { IngestError } from '../errors.ts';
import { cutToBytes, LEDGER_BYTES } from './ledger.ts';

/**
 * Why a file is not loaded. `released`: a deletion of an object that may or may not exist. The ledger gets no entry, because a
 * backfill finds only objects that exist; SQS delivers the notification again.
 */
export type FileTrouble = {
  readonly status: 'quarantined' | 'released';
  readonly code: string;
  readonly reason: string;
};

/**
 * The result of reading another object of the same prefix. If it can be read, the error is the object's own; if it cannot, the
 * error may concern the whole prefix. `none`: the prefix has no other object.
 */
export type Control =
  | { readonly kind: 'readable' }
  | { readonly kind: 'unreadable'; readonly error: IngestError }
  | { readonly kind: 'none' };

/**
 * An object that S3 did not deliver so far. `isDeletion`: a notification says that the object was deleted. `spentMs`: since its last
 * byte, or since the first attempt.
 */
export type Failure = {
  readonly isDeletion: boolean;
  readonly error: IngestError;
  readonly control: Control;
  readonly tries: number;
  readonly spentMs: number;
};

type ObjectVerdict =
  | { readonly kind: 'try_again' }
  | { readonly kind: 'not_loaded'; readonly trouble: FileTrouble }
  /** The error is not about this object. No file is settled. */
  | { readonly kind: 'give_up'; readonly error: IngestError };

/** Range of the delay between two attempts; later delays are longer. */
export const TRY_AGAIN = { minMs: 500, maxMs: 5_000 };
const MAX_TRIES = 3;
/** The other files of the batch wait meanwhile. One attempt at a silent object takes most of this time. */
const PATIENCE_MS = 60_000;

const TRANSPORT = 'object_transport';

/**
 * Errors that may be an object's own: the ledger's code, and what a person can do. The codes are not those of content, so a backfill
 * reads the file again (sql/load/know/30_known_backfill.sql).
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
    service_unavailable: { code: TRANSPORT, advice: 'read the object with another tool, or upload it again' },
    throttled: { code: TRANSPORT, advice: 'wait, and write fewer objects at once' },
    endpoint_unreachable: { code: TRANSPORT, advice: 'read the object with another tool, or upload it again' },
    unknown: { code: TRANSPORT, advice: 'read the object with another tool, or upload it again' },
  };

const LOOKED_AT_AGAIN =
  'The object was deleted, its rows stay for now, and SQS delivers the notification again later. If the notification reaches the ' +
  'dead-letter queue, run "sparkify dead-letters redrive" when the cause is gone.';

/** Errors that may be about the reader as well as about the object. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['access_denied', 'key_refused', 'request_refused']);

/** More than ten undelivered objects that are also more than one in twenty are taken for an outage of S3. */
const TRANSPORT_TROUBLES = { most: 10, oneIn: 20 };

/**
 * An error if S3 did not deliver many objects of one batch, so that S3 is the likely cause. No file is settled then.
 *
 * @param codes the `error_code` of each file of the batch, `null` for files without one.
 * @returns `null` when the errors may be the objects' own.
 */
export function tooManyTroubles(codes: readonly (string | null)[]): IngestError | null {
  const count = codes.filter((code) => code === TRANSPORT).length;
  if (count <= TRANSPORT_TROUBLES.most || count * TRANSPORT_TROUBLES.oneIn <= codes.length) return null;
  const sentence = `S3 did not deliver ${count} of the ${codes.length} objects of one batch; the cause is probably S3 or the network. No file is quarantined meanwhile.`;
  return new IngestError('service_unavailable', sentence);
}

/** Whether another object has to be read before the error is judged. An archived object needs no comparison. */
export function needsControl({ code }: IngestError): boolean {
  return OBJECT_TROUBLES[code] !== undefined && code !== 'object_unreadable';
}

/** What to do about an error of one object. */
export function objectVerdict(failure: Failure): ObjectVerdict {
  const { control, error, isDeletion, spentMs, tries } = failure;
  const own = OBJECT_TROUBLES[error.code];
  if (own === undefined) return { kind: 'give_up', error };
  if (needsControl(error)) {
    if (control.kind !== 'readable') return { kind: 'give_up', error: ofTheWholePrefix(error, control) };
    if (tries < MAX_TRIES && spentMs < PATIENCE_MS) return { kind: 'try_again' };
  }
  const isOpen = isDeletion && own.code === TRANSPORT;
  const compared = needsControl(error) ? ' Other objects can be read, so this file' : ' This file';
  const then = isOpen
    ? ` Other objects can be read. ${LOOKED_AT_AGAIN}`
    : `${compared} is quarantined: ${own.advice}, then run "sparkify backfill".`;
  // The key alone may be as long as the column.
  const seen = cutToBytes(error.message, LEDGER_BYTES.reason - Buffer.byteLength(then));
  const status = isOpen ? 'released' : 'quarantined';
  return { kind: 'not_loaded', trouble: { status, code: own.code, reason: `${seen}${then}` } };
}

/** Why a deletion is released whose object could not be looked at, or not be removed, for this reason. */
export function releasedDeletion(reason: string): string {
  return `${reason.replace(/\.$/, '')}. ${LOOKED_AT_AGAIN}`;
}

function ofTheWholePrefix(error: IngestError, control: Exclude<Control, { kind: 'readable' }>): IngestError {
  const cause = control.kind === 'unreadable' ? control.error : error;
  // An unknown error of the whole prefix: the intake pauses instead of stopping, in case the error passes.
  if (cause.code === 'unknown') return new IngestError('service_unavailable', cause.message, { cause });
  if (!REFUSALS.has(cause.code)) return cause;
  const others =
    control.kind === 'unreadable'
      ? `Other objects of the prefix cannot be read either (${control.error.message})`
      : 'The prefix has no other object to compare with, or all others are archived or gone';
  const sentence = `${error.message} ${others}. No file is quarantined meanwhile: check the credentials, the bucket policy, the role policy and the KMS key.`;
  return new IngestError('bucket_unreadable', sentence, { seen: error.seen, cause: error });
}
