import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { createLocalhostHandler } from 'fauxqs';
import { expect, test } from 'vitest';
import { compareKeys } from '../../../src/local/object-store/compare-keys.ts';
import { useStack } from '../../support/stack.ts';

const stack = useStack({ only: ['s3', 'sqs'] });

const md5 = (body: Uint8Array): string => createHash('md5').update(body).digest('hex');

async function read(Bucket: string, Key: string): Promise<Uint8Array> {
  const { Body } = await stack.s3.send(new GetObjectCommand({ Bucket, Key }));
  return (await Body?.transformToByteArray()) ?? new Uint8Array();
}

async function listAll(Bucket: string, pageSize: number, Prefix?: string): Promise<string[]> {
  const keys: string[] = [];
  const input = Prefix === undefined ? { Bucket } : { Bucket, Prefix };
  for await (const page of paginateListObjectsV2({ client: stack.s3, pageSize }, input)) {
    keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
  }
  return keys;
}

test('a file of 100 MB goes up in one request and comes back whole', { timeout: 120_000 }, async () => {
  const { bucket } = await stack.place();
  const body = randomBytes(100 * 1024 * 1024);
  const { ETag } = await stack.s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'log_data/large', Body: body }));
  expect(ETag).toBe(`"${md5(body)}"`);
  expect(md5(await read(bucket, 'log_data/large'))).toBe(md5(body));
});

test('a stream with a trailing checksum (aws-chunked) is stored as its content', async () => {
  const { bucket } = await stack.place();
  const body = randomBytes(3 * 1024 * 1024 + 17);
  const chunks = [body.subarray(0, 70_000), body.subarray(70_000)];
  const command = { Bucket: bucket, Key: 'log_data/stream', ContentLength: body.length };
  await stack.s3.send(new PutObjectCommand({ ...command, Body: Readable.from(chunks), ChecksumAlgorithm: 'CRC32' }));
  expect(md5(await read(bucket, 'log_data/stream'))).toBe(md5(body));
});

test('an empty object is an object', async () => {
  const { bucket } = await stack.place();
  await stack.s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'log_data/empty', Body: '' }));
  const head = await stack.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'log_data/empty' }));
  expect(head).toMatchObject({ ContentLength: 0, ETag: '"d41d8cd98f00b204e9800998ecf8427e"' });
  expect(await read(bucket, 'log_data/empty')).toHaveLength(0);
});

test('last-modified is the same whole second in listings, heads and reads', async () => {
  const { bucket } = await stack.place();
  await stack.s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'a' }));
  const { Contents = [] } = await stack.s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  const head = await stack.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'a' }));
  expect(Contents[0]?.LastModified).toEqual(head.LastModified);
  expect(head.LastModified?.getMilliseconds()).toBe(0);
});

test('every page size lists every key once, in the order of their UTF-8 bytes', async () => {
  const { bucket } = await stack.place();
  const keys = [
    'a',
    'B',
    'Z/a',
    'a/b',
    'A/a/A/x',
    'a//b',
    'a b',
    'é',
    'e',
    'z',
    '\uFFFD',
    '😀',
    'b',
    '_',
    '-',
    'a.data',
    'a.data/b',
  ];
  for (const Key of keys) await stack.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: Key }));
  const sorted = keys.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  expect(keys.toSorted(compareKeys)).toEqual(sorted);
  for (const pageSize of [1, 2, 3, 7, 1000]) expect(await listAll(bucket, pageSize)).toEqual(sorted);
  expect(await listAll(bucket, 1, 'a')).toEqual(['a', 'a b', 'a.data', 'a.data/b', 'a//b', 'a/b']);
  for (const key of keys) expect(Buffer.from(await read(bucket, key)).toString()).toBe(key);
});

test('a key that comes, comes again or goes between two pages is listed as it is then', async () => {
  const { bucket } = await stack.place();
  const put = async (Key: string) => await stack.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: Key }));
  for (const key of ['a', 'b', 'd']) await put(key);
  const first = await stack.s3.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 2 }));
  expect(first.Contents?.map(({ Key }) => Key)).toEqual(['a', 'b']);
  await put('c');
  await put('a');
  await stack.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'd' }));
  await put('e');
  const ContinuationToken = first.NextContinuationToken;
  const second = await stack.s3.send(new ListObjectsV2Command({ Bucket: bucket, ContinuationToken }));
  expect(second.Contents?.map(({ Key }) => Key)).toEqual(['c', 'e']);
  expect(await listAll(bucket, 2)).toEqual(['a', 'b', 'c', 'e']);
});

test('folders are listed once over all pages', async () => {
  const { bucket } = await stack.place();
  for (const Key of ['a/1', 'a/2', 'b', 'c/1', 'c/2/3', 'd']) {
    await stack.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: '' }));
  }
  const found: string[] = [];
  const input = { Bucket: bucket, Delimiter: '/' };
  for await (const page of paginateListObjectsV2({ client: stack.s3, pageSize: 1 }, input)) {
    found.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix));
    found.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
  }
  expect(found).toEqual(['a/', 'b', 'c/', 'd']);
});

test('ranges, missing keys and conditions answer as S3 does', async () => {
  const { bucket } = await stack.place();
  const at = { Bucket: bucket, Key: 'a' };
  await stack.s3.send(new PutObjectCommand({ ...at, Body: 'hello world', IfNoneMatch: '*' }));
  const range = await stack.s3.send(new GetObjectCommand({ ...at, Range: 'bytes=6-' }));
  expect(await range.Body?.transformToString()).toBe('world');
  const overwrite = stack.s3.send(new PutObjectCommand({ ...at, Body: 'other', IfNoneMatch: '*' }));
  await expect(overwrite).rejects.toMatchObject({ name: 'PreconditionFailed' });
  await expect(stack.s3.send(new GetObjectCommand({ ...at, Key: 'b' }))).rejects.toMatchObject({ name: 'NoSuchKey' });
  const elsewhere = stack.s3.send(new GetObjectCommand({ ...at, Bucket: `${bucket}-missing` }));
  await expect(elsewhere).rejects.toMatchObject({ name: 'NoSuchBucket' });
});

test('bucket names in the host name work as well as in the path', async () => {
  const { bucket } = await stack.place();
  const { port } = new URL(stack.environment['AWS_ENDPOINT_URL_S3'] ?? '');
  const client = new S3Client({ endpoint: `http://s3.localhost:${port}`, requestHandler: createLocalhostHandler() });
  const Key = 'log_data/by host+name.json';
  await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x' }));
  client.destroy();
  expect(await listAll(bucket, 10)).toEqual([Key]);
});

test('a presigned URL needs no header', async () => {
  const { bucket } = await stack.place();
  const signature =
    'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=0&x-id=PutObject';
  const url = `${stack.environment['AWS_ENDPOINT_URL_S3'] ?? ''}/${bucket}/log_data/presigned%20file.json?${signature}`;
  const answer = await fetch(url, {
    method: 'PUT',
    body: '{"presigned":true}',
    headers: { 'content-type': 'application/json' },
  });
  expect(answer.status).toBe(200);
  expect(Buffer.from(await read(bucket, 'log_data/presigned file.json')).toString()).toBe('{"presigned":true}');
});

test('what is not implemented is refused and changes nothing', async () => {
  const { bucket } = await stack.place();
  const at = { Bucket: bucket, Key: 'a' };
  await stack.s3.send(new PutObjectCommand({ ...at, Body: 'content' }));
  const tagging = stack.s3.send(
    new PutObjectTaggingCommand({ ...at, Tagging: { TagSet: [{ Key: 'k', Value: 'v' }] } }),
  );
  await expect(tagging).rejects.toMatchObject({ name: 'NotImplemented', message: /does not implement PUT \?tagging/ });
  expect(Buffer.from(await read(bucket, 'a')).toString()).toBe('content');
  expect(await stack.s3.send(new GetBucketVersioningCommand({ Bucket: bucket }))).not.toHaveProperty('Status');
  expect(await stack.s3.send(new GetBucketLocationCommand({ Bucket: bucket }))).toMatchObject({
    $metadata: { httpStatusCode: 200 },
  });
});
