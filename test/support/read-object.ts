import type { ObjectStore } from '../../src/core/ports.ts';

/** All bytes of an object; `null` when it is not there. */
export async function readObject(
  store: ObjectStore,
  { bucket, key, signal }: { bucket: string; key: string; signal: AbortSignal },
): Promise<Buffer | null> {
  const object = await store.open({ bucket, key, signal });
  if (object === null) return null;
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of object.body) chunks.push(chunk);
    return Buffer.concat(chunks);
  } finally {
    object.close();
  }
}
