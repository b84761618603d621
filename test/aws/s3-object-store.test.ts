import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createClients } from '../../src/aws/clients.ts';
import type { AwsClients } from '../../src/aws/clients.ts';
import { createS3ObjectStore } from '../../src/aws/s3-object-store.ts';
import { scaledBounds } from '../../src/core/bounds.ts';
import { FaultProxy, obey } from '../support/fault-proxy.ts';
import { readObject } from '../support/read-object.ts';
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
    const read = await readObject(store, { bucket, key, signal });
    expect(read?.toString()).toBe(key);
  }
});

describe('deleting', () => {
  const putAll = async (bucket: string, keys: readonly string[]): Promise<void> => {
    const limit = pLimit(16);
    const put = async (Key: string) => await stack.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: '\n' }));
    await Promise.all(keys.map((key) => limit(put, key)));
  };

  test('takes more objects than one call may name, and those that are not there, and no others', async () => {
    const { bucket } = await stack.place({ notifiedPrefixes: [] });
    const keys = Array.from({ length: 1_050 }, (_, n) => `sparkify-work/${n} &<"é.json`);
    const there = keys.filter((_key, n) => n % 25 === 0);
    await putAll(bucket, [...there, 'sparkify-work/1']);

    await createS3ObjectStore(stack.s3).remove({ bucket, keys, signal });
    expect((await listedKeys(bucket, '')).keys).toEqual(['sparkify-work/1']);
    await createS3ObjectStore(stack.s3).remove({ bucket, keys: [], signal });
  });

  test('deletes what it may, and throws what S3 answers for the others', async () => {
    const { bucket, environment } = await stack.place({ notifiedPrefixes: [] });
    const keys = Array.from({ length: 2_001 }, (_, n) => `sparkify-work/${n}.json`);
    await putAll(bucket, [keys[0] ?? '', keys[2_000] ?? '']);
    const before = process.env['AWS_ENDPOINT_URL_S3'];
    const proxy = await FaultProxy.start({
      ...environment,
      AWS_ENDPOINT_URL_REDSHIFT_DATA: before ?? '',
      AWS_ENDPOINT_URL_REDSHIFT: before ?? '',
    });
    process.env['AWS_ENDPOINT_URL_S3'] = proxy.environment['AWS_ENDPOINT_URL_S3'];
    const clients = createClients('us-east-1');
    onTestFinished(async () => {
      process.env['AWS_ENDPOINT_URL_S3'] = before;
      clients.destroy();
      await proxy.stop();
    });
    const refused = (key: string, code: string): string =>
      `<Error><Key>${key}</Key><Code>${code}</Code><Message>Access Denied</Message></Error>`;
    const errors = refused('sparkify-work/5.json', 'AccessDenied') + refused('sparkify-work/7.json', 'InternalError');
    const body = Buffer.from(`<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${errors}</DeleteResult>`);
    let calls = 0;
    proxy.decide(async (effect, forward) => {
      await obey(effect, forward);
      calls += 1;
      const answer = { status: 200, headers: { 'content-type': 'application/xml' }, body };
      return calls === 1 ? { kind: 'instead', answer } : 'answer';
    });
    await expect(createS3ObjectStore(clients.s3).remove({ bucket, keys, signal })).rejects.toMatchObject({
      code: 'access_denied',
      message: expect.stringMatching(
        `^Deleting s3://${bucket}/sparkify-work/5\\.json and 1 more failed: AccessDenied: Access Denied; allow the action`,
      ) as string,
    });
    expect(calls).toBe(3);
    expect((await listedKeys(bucket, '')).keys).toEqual([]);
  });

  test('in a bucket that is not there is refused as a whole', async () => {
    const removed = createS3ObjectStore(stack.s3).remove({ bucket: 'nobodys-bucket', keys: ['a', 'b'], signal });
    await expect(removed).rejects.toMatchObject({
      code: 'bucket_missing',
      message: expect.stringContaining('Deleting s3://nobodys-bucket/a and 1 more failed') as string,
    });
  });
});

describe('objects that are opened and not read', () => {
  const HUGE = 700 * 1024 * 1024;

  /** A bucket of huge objects that begin to come; they know a checksum, as those of Amazon's S3 do. */
  async function hugeObjects(): Promise<{ clients: AwsClients; cutAll: () => void }> {
    const server = createServer((_request, response) => {
      const headers = { etag: '"e"', 'content-length': HUGE, 'x-amz-checksum-crc32': 'AAAAAA==' };
      response.writeHead(200, headers).write(Buffer.alloc(256 * 1024));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const before = process.env['AWS_ENDPOINT_URL_S3'];
    process.env['AWS_ENDPOINT_URL_S3'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const clients = createClients('us-east-1');
    onTestFinished(() => {
      process.env['AWS_ENDPOINT_URL_S3'] = before;
      clients.destroy();
      server.closeAllConnections();
      server.close();
    });
    return { clients, cutAll: () => server.closeAllConnections() };
  }

  test('leave no connection open, so that there is one for the next', async () => {
    const store = createS3ObjectStore((await hugeObjects()).clients.s3);
    // More than the client has connections.
    for (let n = 0; n < 100; n += 1) {
      const object = await store.open({ bucket: 'any', key: `${n}`, signal });
      expect(object).toMatchObject({ size: HUGE });
      object?.close();
    }
  });

  test.each([
    ['break', 'endpoint_unreachable'],
    ['be given up', 'aborted'],
  ])('may %s before they are read, and the reader gets the error', async (how, code) => {
    const { clients, cutAll } = await hugeObjects();
    const store = createS3ObjectStore(clients.s3);
    const given = new AbortController();
    const uncaught = vi.fn();
    process.on('uncaughtException', uncaught);
    onTestFinished(() => void process.off('uncaughtException', uncaught));
    const object = await store.open({ bucket: 'any', key: 'a', signal: given.signal });
    if (how === 'break') cutAll();
    else given.abort();
    // The answer to another call comes behind the end of the first transfer.
    (await store.open({ bucket: 'any', key: 'b', signal }))?.close();
    await expect(
      (async () => {
        for await (const chunk of object?.body ?? []) expect(chunk.byteLength).toBeGreaterThan(0);
      })(),
    ).rejects.toMatchObject({ code });
    expect(uncaught).not.toHaveBeenCalled();
  });
});

describe('an answer that is not one of S3', () => {
  test.each([
    ['404 with a page', 404, '<html><body><hr></body></html>'],
    ['404 without a body', 404, ''],
    ['404 with well-formed markup', 404, '<html><body>none</body></html>'],
    ['502 with a page', 502, '<html><body><hr></body></html>'],
  ])('%s does not mean that an object is gone, and names S3 and the status', async (_what, status, body) => {
    const server = createServer((_request, response) => response.writeHead(status).end(body));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const before = process.env['AWS_ENDPOINT_URL_S3'];
    process.env['AWS_ENDPOINT_URL_S3'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const clients = createClients('us-east-1', scaledBounds(0.01));
    onTestFinished(() => {
      process.env['AWS_ENDPOINT_URL_S3'] = before;
      clients.destroy();
      server.close();
    });
    const store = createS3ObjectStore(clients.s3);
    const object = { bucket: 'b', key: 'song_data/a.json', signal };
    for (const read of [async () => await store.open(object), async () => await store.probe(object)]) {
      await expect(read()).rejects.toMatchObject({
        code: 'service_unavailable',
        message: expect.stringContaining(`HTTP ${status}`) as string,
      });
    }
  });
});
