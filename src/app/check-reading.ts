import { IngestError } from '../core/errors.ts';
import { probeObject } from '../loaders/probe-objects.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { ObjectStore } from '../core/ports.ts';
import type { RouteSettings } from '../core/route.ts';

/** Answers that are about the reader as well as about the object. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['access_denied', 'key_refused']);

/**
 * Whether objects below a prefix can be read. One of them is enough: the others may each have a trouble of their own, and
 * a load sets those aside. A prefix without objects is fine, too.
 *
 * @param input.keys of which the first is read, and the others only when the first cannot be.
 * @throws IngestError when an object cannot be read and no other one can.
 */
export async function checkReading(
  parts: { readonly store: ObjectStore; readonly settings: RouteSettings },
  { keys, prefix, signal }: { keys: readonly string[]; prefix: string; signal: AbortSignal },
): Promise<void> {
  const [firstKey, ...otherKeys] = keys;
  if (firstKey === undefined) return;
  const first = await probeObject(parts, firstKey, signal);
  // A single object shows nothing of the prefix. The loader waits with the reason when it gets there.
  if (first.kind === 'readable' || otherKeys.length === 0) return;
  const others = await Promise.all(otherKeys.map(async (key) => await probeObject(parts, key, signal)));
  if (others.some(({ kind }) => kind === 'readable')) return;
  const errors = [first, ...others].flatMap((probed) => (probed.kind === 'unreadable' ? [probed.error] : []));
  const refusal = errors.find(({ code }) => REFUSALS.has(code));
  if (refusal !== undefined) throw notReadable(refusal, `s3://${parts.settings.bucket}/${prefix}`);
  // An object with a customer's own key (SSE-C) is refused to everybody, and shows nothing of others.
  const error = errors.find(({ code }) => code !== 'request_refused');
  if (error !== undefined) throw error;
}

function notReadable(refusal: IngestError, place: string): IngestError {
  const sentence =
    `${refusal.message} No other object below ${place} can be read either. The service reads all logs and songs itself: ` +
    `its role needs s3:GetObject on ${place}* and, where a KMS key encrypts the objects, kms:Decrypt on the key.`;
  return new IngestError(refusal.code, sentence, { seen: refusal.seen, cause: refusal });
}
