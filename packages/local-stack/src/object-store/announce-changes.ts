import { AsyncLocalStorage } from 'node:async_hooks';
import type { BucketNotifications } from './bucket-notifications.ts';
import type { RequestIdentity } from './event-record.ts';
import type { OpenStores } from './fauxqs-stores.ts';

/** The kind of creation that the request performs, as it appears in the event name. */
export type Creation = 'Put' | 'Post' | 'Copy' | 'CompleteMultipartUpload';

export type ServedRequest = { readonly creation: Creation; readonly identity: RequestIdentity };

/**
 * Makes the object store announce its own changes. The change and its messages are one transaction of the SQLite file:
 * an object that exists after a kill has its notification, and when a client has the answer, both are on disk.
 *
 * @returns a function that serves a request, so that each change knows which request made it.
 */
export function announceChanges(
  stores: OpenStores,
  notifications: BucketNotifications,
): (request: ServedRequest, serve: () => void) => void {
  const served = new AsyncLocalStorage<ServedRequest>();
  const { s3Store, transaction } = stores;

  const created = (bucket: string, object: { key: string; contentLength: number; etag: string }): void => {
    const request = served.getStore();
    if (request === undefined) return;
    const content = { size: object.contentLength, etag: object.etag };
    const eventName = `ObjectCreated:${request.creation}`;
    notifications.announce({ eventName, bucket, key: object.key, content }, request.identity);
  };

  const putObject = s3Store.putObject.bind(s3Store);
  s3Store.putObject = (bucket, ...rest) =>
    transaction(() => {
      const object = putObject(bucket, ...rest);
      created(bucket, object);
      return object;
    });

  const bucketOf = (uploadId: string): string =>
    (s3Store as unknown as { multipartUploads: Map<string, { bucket: string }> }).multipartUploads.get(uploadId)
      ?.bucket ?? '';
  const completeMultipartUpload = s3Store.completeMultipartUpload.bind(s3Store);
  s3Store.completeMultipartUpload = (uploadId, parts) =>
    transaction(() => {
      const bucket = bucketOf(uploadId);
      const object = completeMultipartUpload(uploadId, parts);
      created(bucket, object);
      return object;
    });

  const deleteObject = s3Store.deleteObject.bind(s3Store);
  s3Store.deleteObject = (bucket, key) =>
    transaction(() => {
      const existed = isThere(stores, bucket, key);
      deleteObject(bucket, key);
      const request = served.getStore();
      if (!existed || request === undefined) return;
      notifications.announce({ eventName: 'ObjectRemoved:Delete', bucket, key, content: null }, request.identity);
    });

  const deleteBucket = s3Store.deleteBucket.bind(s3Store);
  s3Store.deleteBucket = (bucket) => {
    deleteBucket(bucket);
    notifications.forget(bucket);
  };
  return (request, serve) => served.run(request, serve);
}

export function isThere(stores: Pick<OpenStores, 's3Store'>, bucket: string, key: string): boolean {
  try {
    stores.s3Store.headObject(bucket, key);
    return true;
  } catch {
    return false;
  }
}
