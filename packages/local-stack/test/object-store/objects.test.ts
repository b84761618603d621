import { createHash, randomBytes } from 'node:crypto';
import { get } from 'node:http';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { createLocalhostHandler } from 'fauxqs';
import { expect, test } from 'vitest';
import { compareKeys } from '../../src/object-store/compare-keys.ts';
import { useStack } from '../../../../test/support/stack.ts';

const stack = useStack({ only: ['s3', 'sqs'] });

const md5 = (body: Uint8Array): string => createHash('md5').update(body).digest('hex');

async function read(Bucket: string, Key: string): Promise<Uint8Array> {
  const { Body } = await stack.s3.send(new GetObjectCommand({ Bucket, Key }));
  return (await Body?.transformToByteArray()) ?? new Uint8Array();
}

/** A request that no SDK has made pleasant. */
async function http(method: string, path: string, init: RequestInit = {}): Promise<Response> {
  return await fetch(`${stack.environment['AWS_ENDPOINT_URL_S3'] ?? ''}/${path}`, { ...init, method });
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

test('an empty object is an object, and a form is taken as the bytes that it is', async () => {
  const { bucket } = await stack.place();
  await stack.s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'log_data/empty', Body: '' }));
  // As boto3 and curl put them: without a body, without a content type, or as a form.
  expect((await http('PUT', `${bucket}/log_data/folder/`)).status).toBe(200);
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  expect((await http('PUT', `${bucket}/log_data/form`, { body: 'a=1&b', headers: form })).status).toBe(200);
  for (const Key of ['log_data/empty', 'log_data/folder/']) {
    const head = await stack.s3.send(new HeadObjectCommand({ Bucket: bucket, Key }));
    expect(head).toMatchObject({ ContentLength: 0, ETag: '"d41d8cd98f00b204e9800998ecf8427e"' });
    expect(await read(bucket, Key)).toHaveLength(0);
  }
  expect(Buffer.from(await read(bucket, 'log_data/form')).toString()).toBe('a=1&b');
});

const UNPLEASANT = ['a b', 'a+b', 'a%2Bb', 'a\u0001b', 'a\u001bb', 'a\nb', 'a\rb', 'a\tb', 'ü"&<🎵\u202e', '%'];

test('keys that XML cannot hold are listed as they are, by both listings, and are the keys that DeleteObjects takes', async () => {
  const { bucket } = await stack.place();
  const Bucket = bucket;
  for (const Key of UNPLEASANT) await stack.s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  const sorted = UNPLEASANT.toSorted(compareKeys);
  const decode = (key: string | undefined): string => decodeURIComponent((key ?? '').replaceAll('+', ' '));
  for (const pageSize of [1, 3, 1000]) {
    const [first, second]: string[][] = [[], []];
    const input = { Bucket, EncodingType: 'url' as const };
    for await (const page of paginateListObjectsV2({ client: stack.s3, pageSize }, input)) {
      second?.push(...(page.Contents ?? []).map(({ Key }) => decode(Key)));
    }
    let Marker = '';
    for (let isMore = true; isMore;) {
      const page = await stack.s3.send(new ListObjectsCommand({ ...input, MaxKeys: pageSize, Marker }));
      first?.push(...(page.Contents ?? []).map(({ Key }) => decode(Key)));
      Marker = first?.at(-1) ?? '';
      isMore = page.IsTruncated === true;
    }
    expect({ first, second }).toEqual({ first: sorted, second: sorted });
  }
  expect(await listAll(bucket, 1000, 'a\r')).toEqual(['a\rb']);
  const Objects = UNPLEASANT.map((Key) => ({ Key }));
  const { Deleted = [] } = await stack.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  expect(Deleted).toHaveLength(UNPLEASANT.length);
  expect(await listAll(bucket, 1000)).toEqual([]);
});

test('a listing is encoded as S3 encodes it, and an empty delimiter is none', async () => {
  const { bucket } = await stack.place();
  for (const Key of ['x y/a+b', 'x y/c/%', 'x y/c/d']) {
    await stack.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x' }));
  }
  const query = 'list-type=2&encoding-type=url&prefix=x%20y%2F&delimiter=%2F&start-after=x%20y%2F!%0D';
  const page = await (await http('GET', `${bucket}?${query}`)).text();
  for (const element of [
    '<Prefix>x+y/</Prefix>',
    '<StartAfter>x+y/!%0D</StartAfter>',
    '<Delimiter>/</Delimiter>',
    '<EncodingType>url</EncodingType>',
    '<Key>x+y/a%2Bb</Key>',
    '<CommonPrefixes><Prefix>x+y/c/</Prefix></CommonPrefixes>',
  ]) {
    expect(page).toContain(element);
  }
  for (const version of ['', '&list-type=2']) {
    const all = await (await http('GET', `${bucket}?prefix=&delimiter=&encoding-type=${version}`)).text();
    expect([...all.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key)).toEqual(['x y/a+b', 'x y/c/%', 'x y/c/d']);
    expect(all).not.toMatch(/CommonPrefixes|<Delimiter>|<EncodingType>/);
  }
});

test('every error is an XML document with its code', async () => {
  const { bucket } = await stack.place();
  const seen = async (method: string, path: string, init: RequestInit = {}): Promise<unknown[]> => {
    const answer = await http(method, path, init);
    const [, code] = /<Error><Code>(\w+)<\/Code>/.exec(await answer.text()) ?? [];
    return [answer.status, answer.headers.get('content-type')?.split(';')[0], code];
  };
  const xml = 'application/xml';
  expect(await seen('GET', `${bucket}?encoding-type=base64`)).toEqual([400, xml, 'InvalidArgument']);
  expect(await seen('GET', `${bucket}?max-keys=many`)).toEqual([400, xml, 'InvalidArgument']);
  expect(await seen('GET', `${bucket}-missing`)).toEqual([404, xml, 'NoSuchBucket']);
  expect(await seen('POST', `${bucket}?delete`, { body: '<Delete><Object>' })).toEqual([400, xml, 'MalformedXML']);
  // The library has no sentence for this one.
  const headers = { 'content-type': 'application/x-amz-json-1.0' };
  expect(await seen('PUT', `${bucket}/a`, { body: '{', headers })).toEqual([500, xml, 'InternalError']);
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

test('S3 answers to no name but those of this machine', async () => {
  const status = await new Promise((resolve, reject) => {
    const options = { headers: { host: 'rebound.example' } };
    get(stack.environment['AWS_ENDPOINT_URL_S3'] ?? '', options, (response) => resolve(response.statusCode)).once(
      'error',
      reject,
    );
  });
  expect(status).toBe(403);
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

test('an operation that is not implemented is refused and changes nothing', async () => {
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
