import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { expect, onTestFinished, test } from 'vitest';
import { createS3ObjectStore } from '../../src/aws/s3-object-store.ts';
import { readWhole } from '../../src/loaders/read-whole.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack({ only: ['s3', 'sqs'] });
const signal = new AbortController().signal;

async function listedKeys(
  bucket: string,
  prefix: string,
  s3: S3Client = stack.s3,
): Promise<{ keys: string[]; pages: number }> {
  const keys: string[] = [];
  let pages = 0;
  for await (const page of createS3ObjectStore(s3).list({ bucket, prefix, signal })) {
    pages += 1;
    keys.push(...page.map(({ key }) => key));
  }
  return { keys, pages };
}

test('a listing goes on until its last page, and names every object once', async () => {
  const { bucket } = await stack.place({ notifiedPrefixes: [] });
  const keys = Array.from({ length: 1_050 }, (_, n) => `log_data/${String(n).padStart(5, '0')}.json`);
  const limit = pLimit(16);
  const put = async (Key: string) => await stack.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: '\n' }));
  await Promise.all(keys.map((key) => limit(put, key)));

  const listed = await listedKeys(bucket, 'log_data/');
  expect(listed.pages).toBe(2);
  expect(listed.keys).toEqual(keys);
});

test('a listed key is the key under which the object is read, whatever characters it has', async () => {
  const { bucket } = await stack.place({ notifiedPrefixes: [] });
  const keys = [
    'log_data/a b.json',
    'log_data/a+b.json',
    'log_data/a%2Bb.json',
    'log_data/ü"&<🎵.json',
    'log_data/%.json',
  ];
  for (const Key of keys) await stack.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: Key }));

  const listed = await listedKeys(bucket, 'log_data/');
  expect(listed.keys.toSorted()).toEqual(keys.toSorted());
  const store = createS3ObjectStore(stack.s3);
  for (const key of listed.keys) {
    const read = await readWhole(store, { bucket, key, maxBytes: 100, signal });
    expect(Buffer.from(read?.bytes ?? []).toString()).toBe(key);
  }
});

/** The embedded S3 writes a blank of a listed key as %20; Amazon's writes it as a plus sign, as forms do. */
test('a plus sign in a listed key that S3 encoded is a blank, and %2B is a plus sign', async () => {
  const server = createServer((_request, response) => {
    const contents = ['log_data/a+b.json', 'log_data/a%2Bb.json'].map(
      (key) =>
        `<Contents><Key>${key}</Key><LastModified>2018-11-15T12:00:00.000Z</LastModified><ETag>"e"</ETag><Size>1</Size></Contents>`,
    );
    response.setHeader('content-type', 'application/xml');
    response.end(
      `<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`,
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const s3 = new S3Client({ endpoint: `http://127.0.0.1:${port}`, forcePathStyle: true });
  onTestFinished(() => {
    s3.destroy();
    server.close();
  });
  expect((await listedKeys('any', 'log_data/', s3)).keys).toEqual(['log_data/a b.json', 'log_data/a+b.json']);
});
