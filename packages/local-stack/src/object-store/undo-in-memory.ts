import type { S3Store, SqsQueue, StoredObject } from './fauxqs-types.ts';
import type { Transactions } from './transactions.ts';

type Upload = { readonly bucket: string; readonly parts: Map<number, unknown> };

/** What the library holds in memory of buckets and uploads. */
type Held = {
  readonly buckets: ReadonlyMap<string, Map<string, StoredObject>>;
  readonly multipartUploads: Map<string, Upload>;
  readonly multipartUploadsByBucket: ReadonlyMap<string, Set<string>>;
};

/**
 * Makes each change of an object one transaction that leaves no trace when it fails. The library changes its memory
 * first, or before the commit: after a PUT that failed because the disk was full, listings and HEAD showed an object that
 * no GET could read, for as long as the process lived.
 *
 * @param forgetOrder called when the keys of a bucket may have changed back.
 */
export function undoObjects(s3Store: S3Store, transactions: Transactions, forgetOrder: (bucket: string) => void): void {
  const held = s3Store as unknown as Held;
  const remember = (bucket: string, key: string): void => {
    const objects = held.buckets.get(bucket);
    const before = objects?.get(key);
    transactions.onRollback(() => {
      if (before === undefined) objects?.delete(key);
      else objects?.set(key, before);
      forgetOrder(bucket);
    });
  };

  const putObject = s3Store.putObject.bind(s3Store);
  s3Store.putObject = (bucket, key, ...rest) =>
    transactions.run(() => {
      remember(bucket, key);
      return putObject(bucket, key, ...rest);
    });

  const deleteObject = s3Store.deleteObject.bind(s3Store);
  s3Store.deleteObject = (bucket, key) =>
    transactions.run(() => {
      remember(bucket, key);
      deleteObject(bucket, key);
    });

  const completeMultipartUpload = s3Store.completeMultipartUpload.bind(s3Store);
  s3Store.completeMultipartUpload = (uploadId, parts) =>
    transactions.run(() => {
      const upload = held.multipartUploads.get(uploadId) as (Upload & { readonly key: string }) | undefined;
      if (upload !== undefined) {
        remember(upload.bucket, upload.key);
        const uploaded = [...upload.parts];
        transactions.onRollback(() => {
          for (const [number, part] of uploaded) upload.parts.set(number, part);
          held.multipartUploads.set(uploadId, upload);
          held.multipartUploadsByBucket.get(upload.bucket)?.add(uploadId);
        });
      }
      return completeMultipartUpload(uploadId, parts);
    });
}

/** The same for messages: a receive is one transaction, and a message whose transaction fails is in no queue. */
export function undoMessages(queue: SqsQueue, transactions: Transactions): void {
  const dequeue = queue.dequeue.bind(queue);
  queue.dequeue = (...input) => transactions.run(() => dequeue(...input));
  const enqueue = queue.enqueue.bind(queue);
  queue.enqueue = (message) => {
    enqueue(message);
    transactions.onRollback(() => {
      queue.messages = queue.messages.filter((other) => other !== message);
      queue.delayedMessages = queue.delayedMessages.filter((other) => other !== message);
    });
  };
}
