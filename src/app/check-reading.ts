import { IngestError } from '../core/errors.ts';
import { probeObject, probeUntilReadable } from '../loaders/probe-objects.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { ObjectStore } from '../core/ports.ts';
import type { RouteSettings } from '../core/route.ts';

/** Errors that may be about the reader as well as about the object. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['access_denied', 'key_refused']);

/**
 * Checks that objects below a prefix can be read. One readable object is enough: a load quarantines objects with an error of their
 * own. A prefix without objects passes.
 *
 * @param input.keys the first is read, and the others only if the first cannot be read.
 * @throws IngestError when none of several objects can be read.
 */
export async function checkReading(
  parts: { readonly store: ObjectStore; readonly settings: RouteSettings },
  { keys, prefix, signal }: { keys: readonly string[]; prefix: string; signal: AbortSignal },
): Promise<void> {
  const [firstKey, ...otherKeys] = keys;
  if (firstKey === undefined) return;
  const first = await probeObject(parts, firstKey, signal);
  // A single object shows nothing about the prefix. If it cannot be read, the loader waits and says why.
  if (first.kind === 'readable' || otherKeys.length === 0) return;
  const others = await probeUntilReadable(parts, otherKeys, signal);
  if (others.some(({ kind }) => kind === 'readable')) return;
  const errors = [first, ...others].flatMap((probed) => (probed.kind === 'unreadable' ? [probed.error] : []));
  const refusal = errors.find(({ code }) => REFUSALS.has(code));
  if (refusal !== undefined) throw notReadable(refusal, `s3://${parts.settings.bucket}/${prefix}`);
  // An object with a customer-provided key (SSE-C) is refused to every reader, and shows nothing about others.
  const error = errors.find(({ code }) => code !== 'request_refused');
  if (error !== undefined) throw error;
}

function notReadable(refusal: IngestError, place: string): IngestError {
  const sentence =
    `${refusal.message} No other object below ${place} can be read either. The service reads all logs and songs itself: ` +
    `its role needs s3:GetObject on ${place}* and, where a KMS key encrypts the objects, kms:Decrypt on the key.`;
  return new IngestError(refusal.code, sentence, { seen: refusal.seen, cause: refusal });
}
