import { expect, onTestFinished, test } from 'vitest';
import { openStores } from '../../src/object-store/fauxqs-stores.ts';
import type { OpenStores } from '../../src/object-store/fauxqs-stores.ts';
import { temporaryFolder } from '../../../../test/support/temporary-folder.ts';

const body = Buffer.alloc(400_000, 'x');
const bucket = 'bucket';

async function open(dataDir: string): Promise<OpenStores> {
  const stores = await openStores(dataDir);
  onTestFinished(() => {
    if (stores.database.isOpen) stores.close();
  });
  return stores;
}

/** From now on the file cannot grow by more than `pages` of 4 KB: SQLite reports a full disk. */
function leaveRoom({ database }: OpenStores, pages: number): void {
  const used = Number(database.prepare('pragma page_count').get()?.['page_count']);
  database.exec(`pragma max_page_count = ${used + pages}`);
}

const keysIn = ({ s3Store }: OpenStores): string[] => s3Store.listObjects(bucket).objects.map(({ key }) => key);

test('with a full disk, a refused change leaves no trace, and after room was made everything works', async () => {
  const dataDir = temporaryFolder();
  const stores = await open(dataDir);
  const { s3Store, sqsStore, transaction, createMessage } = stores;
  s3Store.createBucket(bucket);
  const queue = sqsStore.createQueue('queue', 'http://localhost/queue', 'arn:aws:sqs:us-east-1:000000000000:queue');
  const put = (key: string, content = body): unknown => s3Store.putObject(bucket, key, content, 'text/plain');
  const announced = (key: string): void =>
    transaction(() => {
      put(key);
      queue.enqueue(createMessage(key));
    });
  leaveRoom(stores, 375);
  announced('a');
  put('b', Buffer.from('short'));
  announced('c');
  for (const key of ['d', 'b']) expect(() => put(key, Buffer.concat([body, body])), key).toThrow(/full/);
  const failing = (): void =>
    transaction(() => {
      queue.enqueue(createMessage('never'));
      s3Store.deleteObject(bucket, 'a');
      put('e', Buffer.concat([body, body, body]));
    });
  expect(failing).toThrow(/full/);
  expect(keysIn(stores)).toEqual(['a', 'b', 'c']);
  expect(s3Store.getObject(bucket, 'b').body.toString()).toBe('short');
  expect(queue.messages.map((message) => message.body)).toEqual(['a', 'c']);

  leaveRoom(stores, 10_000);
  announced('d');
  s3Store.deleteObject(bucket, 'a');
  stores.close();
  const again = await open(dataDir);
  expect(keysIn(again)).toEqual(['b', 'c', 'd']);
  expect(again.s3Store.getObject(bucket, 'd').body.equals(body)).toBe(true);
  expect([...again.sqsStore.allQueues()].flatMap(({ messages }) => messages.map((each) => each.body))).toEqual([
    'a',
    'c',
    'd',
  ]);
});

test('a multipart upload that a full disk refused can be completed after room was made', async () => {
  const stores = await open(temporaryFolder());
  const { s3Store } = stores;
  s3Store.createBucket(bucket);
  const uploadId = s3Store.createMultipartUpload(bucket, 'large', 'text/plain');
  const parts = [1, 2].map((partNumber) => ({
    partNumber,
    ...s3Store.uploadPart(uploadId, partNumber, partNumber === 1 ? Buffer.alloc(5_242_880) : body),
  }));
  leaveRoom(stores, 10);
  expect(() => s3Store.completeMultipartUpload(uploadId, parts)).toThrow(/full/);
  expect(keysIn(stores)).toEqual([]);
  leaveRoom(stores, 10_000);
  s3Store.completeMultipartUpload(uploadId, parts);
  expect(s3Store.getObject(bucket, 'large').body).toHaveLength(5_242_880 + body.length);
});
