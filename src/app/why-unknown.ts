import { ingestErrorFrom } from '../core/ingest-error-from.ts';
import { printable } from '../core/printable.ts';
import type { ObjectStore } from '../core/ports.ts';
import type { RouteSettings } from '../core/route.ts';
import { route } from '../core/route.ts';

/** Why the ledger has no entry of an object, and what to do, as one sentence. */
export async function whyUnknown(
  store: Pick<ObjectStore, 'probe'>,
  object: { readonly bucket: string; readonly key: string },
  settings: RouteSettings,
  signal: AbortSignal,
): Promise<string> {
  const name = `s3://${object.bucket}/${printable(object.key)}`;
  const routed = route({ ...object, change: 'put' }, settings);
  if (routed.kind !== 'load') return `the ledger has no entry of ${name}: ${routed.reason}`;
  try {
    const version = await store.probe({ ...object, signal });
    return version === null
      ? `the ledger has no entry of ${name}, and the bucket has no such object; check the key`
      : `the ledger has no entry of ${name}, which is in the bucket: its notification has not been loaded; see "sparkify status", or run "sparkify backfill"`;
  } catch (error) {
    return `the ledger has no entry of ${name}, and the object cannot be read: ${ingestErrorFrom(error).message}`;
  }
}
