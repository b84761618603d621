import { IngestError } from '../core/errors.ts';
import type { ObjectStore, ObjectVersion } from '../core/ports.ts';

/** An object as it was delivered. `bytes` null: it is larger than the limit, and none of its bytes was read. */
export type WholeObject = ObjectVersion & { readonly bytes: Uint8Array | null };

type Reading = {
  readonly bucket: string;
  readonly key: string;
  readonly maxBytes: number;
  /** Called before the first byte is read, with the bytes that will be held; resolves when there is room for them. */
  readonly makeRoom?: (bytes: number) => Promise<void>;
  readonly signal: AbortSignal;
};

/**
 * Reads a whole object that is not larger than `maxBytes`. Only the Content-Length of S3's answer counts, and the bytes
 * that really come: no notification and no listing decides how much memory is taken.
 *
 * @returns `null` when the object is not there.
 * @throws IngestError as the store does; `endpoint_unreachable` when other bytes came than were announced.
 */
export async function readWhole(store: ObjectStore, reading: Reading): Promise<WholeObject | null> {
  const { bucket, key, makeRoom, maxBytes, signal } = reading;
  const object = await store.open({ bucket, key, signal });
  if (object === null) return null;
  const { etag, lastModifiedMs, size } = object;
  try {
    if (size > maxBytes) return { etag, size, lastModifiedMs, bytes: null };
    await makeRoom?.(size);
    const bytes = new Uint8Array(size);
    let received = 0;
    for await (const chunk of object.body) {
      received += chunk.byteLength;
      if (received > size) break;
      bytes.set(chunk, received - chunk.byteLength);
    }
    if (received === size) return { etag, size, lastModifiedMs, bytes };
    const came = received < size ? `only ${received}` : 'more';
    const sentence = `Reading s3://${bucket}/${key} failed: S3 announced ${size} bytes and sent ${came}.`;
    throw new IngestError('endpoint_unreachable', sentence, { seen: { bucket, key, size, received } });
  } finally {
    object.close();
  }
}
