import { PutObjectCommand } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { expect, test } from 'vitest';
import { createS3ObjectStore } from '../../src/aws/s3-object-store.ts';
import { readWhole } from '../../src/loaders/read-whole.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack({ only: ['s3', 'sqs'] });
const signal = new AbortController().signal;

async function listedKeys(bucket: string, prefix: string): Promise<{ keys: string[]; pages: number }> {
  const keys: string[] = [];
  let pages = 0;
  for await (const page of createS3ObjectStore(stack.s3).list({ bucket, prefix, signal })) {
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
    'log_data/a\rb\u001bc\u202e.json',
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
