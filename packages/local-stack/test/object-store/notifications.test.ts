import { randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { Event, QueueConfiguration } from '@aws-sdk/client-s3';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { useStack, waitUntil } from '../../../../test/support/stack.ts';

const stack = useStack({ only: ['s3', 'sqs'] });

type S3Record = {
  eventVersion: string;
  eventSource: string;
  awsRegion: string;
  eventTime: string;
  eventName: string;
  userIdentity: { principalId: string };
  requestParameters: { sourceIPAddress: string };
  responseElements: Record<string, string>;
  s3: {
    s3SchemaVersion: string;
    configurationId: string;
    bucket: { name: string; ownerIdentity: { principalId: string }; arn: string };
    object: { key: string; size?: number; eTag?: string; sequencer: string };
  };
};

/** Receives the messages that are in the queue now. */
async function take(queueUrl: string): Promise<{ Event?: string; Records?: S3Record[] }[]> {
  const bodies: { Event?: string; Records?: S3Record[] }[] = [];
  for (;;) {
    const { Messages = [] } = await stack.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return bodies;
    for (const { Body = '', ReceiptHandle } of Messages) {
      bodies.push(JSON.parse(Body) as { Records?: S3Record[] });
      await stack.sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
    }
  }
}

async function takeRecords(queueUrl: string): Promise<S3Record[]> {
  return (await take(queueUrl)).flatMap(({ Records = [] }) => Records);
}

async function put(bucket: string, key: string, body: string | Buffer = 'x'): Promise<string> {
  const { ETag = '' } = await stack.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  return ETag;
}

const arnOf = (queueUrl: string): string => `arn:aws:sqs:us-east-1:000000000000:${queueUrl.split('/').at(-1) ?? ''}`;

function configuration(
  queueUrl: string,
  events: Event[],
  filter: { prefix?: string; suffix?: string } = {},
): QueueConfiguration {
  const FilterRules = Object.entries(filter).map(([Name, Value]) => ({ Name: Name as 'prefix' | 'suffix', Value }));
  return {
    QueueArn: arnOf(queueUrl),
    Events: events,
    ...(FilterRules.length > 0 ? { Filter: { Key: { FilterRules } } } : {}),
  };
}

async function configure(bucket: string, ...QueueConfigurations: QueueConfiguration[]): Promise<void> {
  await stack.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: bucket,
      NotificationConfiguration: { QueueConfigurations },
    }),
  );
}

test('a put object is in the queue before the client has its answer, with every field S3 sends', async () => {
  const { bucket, queueUrl } = await stack.place();
  const before = Date.now();
  const answer = await stack.s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: 'log_data/2018/11/events.json', Body: 'hello' }),
  );
  const [record, ...others] = await takeRecords(queueUrl);
  expect(others).toEqual([]);
  expect(record).toEqual({
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'us-east-1',
    eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
    eventName: 'ObjectCreated:Put',
    userIdentity: { principalId: expect.any(String) as string },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: {
      'x-amz-request-id': answer.$metadata.requestId,
      'x-amz-id-2': answer.$metadata.extendedRequestId,
    },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'sparkify-log-data',
      bucket: {
        name: bucket,
        ownerIdentity: { principalId: expect.any(String) as string },
        arn: `arn:aws:s3:::${bucket}`,
      },
      object: {
        key: 'log_data/2018/11/events.json',
        size: 5,
        eTag: '5d41402abc4b2a76b9719d911017c592',
        sequencer: expect.stringMatching(/^[0-9A-F]{18}$/) as string,
      },
    },
  });
  expect(Date.parse(record?.eventTime ?? '')).toBeGreaterThanOrEqual(before);
});

test.each([
  ['a space', 'log_data/red flower.jpg', 'log_data/red+flower.jpg'],
  ['a plus sign', 'log_data/a+b', 'log_data/a%2Bb'],
  ['a percent sign that looks encoded', 'log_data/100%25 %41', 'log_data/100%2525+%2541'],
  ['quotes and marks', `log_data/'"!*()~=&?#;`, 'log_data/%27%22%21*%28%29%7E%3D%26%3F%23%3B'],
  ['unicode beyond the basic plane', 'log_data/ü😀', 'log_data/%C3%BC%F0%9F%98%80'],
  ['doubled slashes and dots', 'log_data//a/../b', 'log_data//a/../b'],
])('a key with %s arrives form-encoded', async (_what, key, encoded) => {
  const { bucket, queueUrl } = await stack.place();
  await put(bucket, key);
  const keys = (await takeRecords(queueUrl)).map((record) => record.s3.object.key);
  expect(keys).toEqual([encoded]);
  const decoded = keys.map((each) => decodeURIComponent(each.replaceAll('+', ' ')));
  expect(decoded).toEqual([key]);
});

test('copies and completed multipart uploads are named as such, parts and aborted uploads are not named at all', async () => {
  const { bucket, queueUrl } = await stack.place();
  await put(bucket, 'other/source', 'copied');
  await stack.s3.send(
    new CopyObjectCommand({ Bucket: bucket, Key: 'log_data/copy', CopySource: `${bucket}/other/source` }),
  );

  const multipart = { Bucket: bucket, Key: 'log_data/large' };
  const { UploadId } = await stack.s3.send(new CreateMultipartUploadCommand(multipart));
  const parts = [randomBytes(12 * 1024 * 1024), Buffer.from('the last part')];
  const Parts = [];
  for (const [index, Body] of parts.entries()) {
    const PartNumber = index + 1;
    const { ETag } = await stack.s3.send(new UploadPartCommand({ ...multipart, UploadId, PartNumber, Body }));
    Parts.push({ PartNumber, ETag });
  }
  const done = await stack.s3.send(
    new CompleteMultipartUploadCommand({ ...multipart, UploadId, MultipartUpload: { Parts } }),
  );
  const aborted = await stack.s3.send(new CreateMultipartUploadCommand(multipart));
  await stack.s3.send(new AbortMultipartUploadCommand({ ...multipart, UploadId: aborted.UploadId }));

  const told = (await takeRecords(queueUrl)).map(({ eventName, s3 }) => [
    eventName,
    s3.object.key,
    s3.object.size,
    s3.object.eTag,
  ]);
  expect(told).toEqual([
    ['ObjectCreated:Copy', 'log_data/copy', 6, expect.any(String)],
    ['ObjectCreated:CompleteMultipartUpload', 'log_data/large', 12 * 1024 * 1024 + 13, done.ETag?.replaceAll('"', '')],
  ]);
  expect(done.ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
});

test('a browser form upload is a Post', async () => {
  const { bucket, queueUrl } = await stack.place();
  const form = new FormData();
  form.set('key', 'log_data/posted.json');
  form.set('file', new Blob(['posted']), 'posted.json');
  const answer = await fetch(`${stack.environment['AWS_ENDPOINT_URL_S3'] ?? ''}/${bucket}`, {
    method: 'POST',
    body: form,
  });
  expect(answer.status).toBe(204);
  const told = (await takeRecords(queueUrl)).map(({ eventName, s3 }) => [eventName, s3.object.key, s3.object.size]);
  expect(told).toEqual([['ObjectCreated:Post', 'log_data/posted.json', 6]]);
});

test('only keys that match prefix and suffix are announced, and only configured events', async () => {
  const { bucket, queueUrl } = await stack.place({ notifiedPrefixes: [] });
  await configure(bucket, configuration(queueUrl, ['s3:ObjectCreated:Copy'], { prefix: 'in/', suffix: '.json' }));
  await take(queueUrl);
  for (const key of ['in/a.json', 'in/a.txt', 'out/a.json']) {
    await put(bucket, key);
    await stack.s3.send(
      new CopyObjectCommand({ Bucket: bucket, Key: key.replace('a', 'b'), CopySource: `${bucket}/${key}` }),
    );
  }
  const told = (await takeRecords(queueUrl)).map(({ eventName, s3 }) => [eventName, s3.object.key]);
  expect(told).toEqual([['ObjectCreated:Copy', 'in/b.json']]);
});

test('deletions are announced when configured, with one record for each object that existed', async () => {
  const { bucket, queueUrl } = await stack.place({ notifiedPrefixes: [] });
  await configure(bucket, configuration(queueUrl, ['s3:ObjectRemoved:*']));
  await take(queueUrl);
  for (const key of ['a', 'b', 'c']) await put(bucket, key);
  await stack.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }));
  await stack.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'never there' }));
  const Objects = [{ Key: 'b' }, { Key: 'c' }, { Key: 'nor this' }];
  await stack.s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
  const told = await takeRecords(queueUrl);
  expect(told.map(({ eventName, s3 }) => [eventName, s3.object.key])).toEqual([
    ['ObjectRemoved:Delete', 'a'],
    ['ObjectRemoved:Delete', 'b'],
    ['ObjectRemoved:Delete', 'c'],
  ]);
  expect(told.every(({ s3 }) => !('size' in s3.object) && !('eTag' in s3.object))).toBe(true);
});

test('the stack’s own bucket announces deletions below its prefixes, and never a work file of the service', async () => {
  const { bucket, queueUrl } = await stack.place();
  const keys = ['log_data/a b', 'song_data/c', 'sparkify-work/d'];
  for (const key of keys) await put(bucket, key);
  const created = await takeRecords(queueUrl);
  const Objects = keys.map((Key) => ({ Key }));
  await stack.s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
  const deleted = await takeRecords(queueUrl);
  const said = (records: S3Record[]) => records.map(({ eventName, s3 }) => [eventName, s3.object.key]);
  expect(said(created)).toEqual([
    ['ObjectCreated:Put', 'log_data/a+b'],
    ['ObjectCreated:Put', 'song_data/c'],
  ]);
  expect(said(deleted)).toEqual([
    ['ObjectRemoved:Delete', 'log_data/a+b'],
    ['ObjectRemoved:Delete', 'song_data/c'],
  ]);
});

test('the sequencer of a key grows with every change', async () => {
  const { bucket, queueUrl } = await stack.place();
  for (let version = 0; version < 20; version += 1) await put(bucket, 'log_data/a', String(version));
  const sequencers = (await takeRecords(queueUrl)).map(({ s3 }) => s3.object.sequencer);
  expect(sequencers).toHaveLength(20);
  expect([...new Set(sequencers)].sort()).toEqual(sequencers);
});

test('a test event without records is sent to the queue when a configuration is put', async () => {
  const { bucket, queueUrl } = await stack.place({ notifiedPrefixes: [] });
  await configure(bucket, configuration(queueUrl, ['s3:ObjectCreated:*']));
  expect(await take(queueUrl)).toEqual([
    {
      Service: 'Amazon S3',
      Event: 's3:TestEvent',
      Time: expect.any(String) as string,
      Bucket: bucket,
      RequestId: expect.any(String) as string,
      HostId: expect.any(String) as string,
    },
  ]);
});

test('a configuration replaces the whole one before it, and an empty one ends notifications', async () => {
  const { bucket, queueUrl } = await stack.place();
  await configure(bucket, {
    ...configuration(queueUrl, ['s3:ObjectCreated:*'], { prefix: 'a&<b>/' }),
    Id: 'only "this"',
  });
  const { QueueConfigurations } = await stack.s3.send(
    new GetBucketNotificationConfigurationCommand({ Bucket: bucket }),
  );
  expect(QueueConfigurations).toEqual([
    {
      Id: 'only "this"',
      QueueArn: arnOf(queueUrl),
      Events: ['s3:ObjectCreated:*'],
      Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'a&<b>/' }] } },
    },
  ]);
  await take(queueUrl);
  await put(bucket, 'log_data/a');
  await put(bucket, 'a&<b>/c');
  expect((await takeRecords(queueUrl)).map(({ s3 }) => s3.object.key)).toEqual(['a%26%3Cb%3E/c']);
  await configure(bucket);
  await put(bucket, 'a&<b>/d');
  expect(await take(queueUrl)).toEqual([]);
});

test('a queue that does not exist is refused, and what was configured stays', async () => {
  const { bucket, queueUrl } = await stack.place();
  await expect(configure(bucket, configuration(`${queueUrl}-missing`, ['s3:ObjectCreated:*']))).rejects.toMatchObject({
    name: 'InvalidArgument',
    message: 'Unable to validate the following destination configurations',
    ArgumentName1: `${arnOf(queueUrl)}-missing`,
  });
  await put(bucket, 'log_data/a');
  expect(await takeRecords(queueUrl)).toHaveLength(1);
});

test.each<
  [string, { prefix?: string; suffix?: string }, Event[], { prefix?: string; suffix?: string }, Event[], boolean]
>([
  ['nested prefixes', { prefix: 'a/' }, ['s3:ObjectCreated:*'], { prefix: 'a/b/' }, ['s3:ObjectCreated:Put'], true],
  ['no filter beside one', {}, ['s3:ObjectCreated:Put'], { prefix: 'a/' }, ['s3:ObjectCreated:*'], true],
  ['nested suffixes', { suffix: '.json' }, ['s3:ObjectCreated:*'], { suffix: 'x.json' }, ['s3:ObjectCreated:*'], true],
  [
    'a prefix beside a suffix',
    { prefix: 'a/' },
    ['s3:ObjectCreated:*'],
    { suffix: '.json' },
    ['s3:ObjectCreated:*'],
    true,
  ],
  ['different prefixes', { prefix: 'a/' }, ['s3:ObjectCreated:*'], { prefix: 'b/' }, ['s3:ObjectCreated:*'], false],
  [
    'nested prefixes with different suffixes',
    { prefix: 'a/', suffix: 'x' },
    ['s3:ObjectCreated:*'],
    { prefix: 'a/b/', suffix: 'y' },
    ['s3:ObjectCreated:*'],
    false,
  ],
  ['different events', {}, ['s3:ObjectCreated:Put'], {}, ['s3:ObjectCreated:Copy', 's3:ObjectRemoved:*'], false],
  ['two kinds of deletion', {}, ['s3:ObjectRemoved:Delete'], {}, ['s3:ObjectRemoved:DeleteMarkerCreated'], false],
])(
  'two configurations with %s: refused only where one key can match both',
  async (_what, one, events, other, otherEvents, refused) => {
    const { bucket, queueUrl } = await stack.place({ notifiedPrefixes: [] });
    const outcome = configure(
      bucket,
      configuration(queueUrl, events, one),
      configuration(queueUrl, otherEvents, other),
    );
    if (refused)
      await expect(outcome).rejects.toMatchObject({ name: 'InvalidArgument', message: /Configurations overlap/ });
    else await expect(outcome).resolves.toBeUndefined();
  },
);

test('topics, functions and EventBridge are refused by name', async () => {
  const { bucket } = await stack.place({ notifiedPrefixes: [] });
  for (const NotificationConfiguration of [
    {
      TopicConfigurations: [
        { TopicArn: 'arn:aws:sns:us-east-1:000000000000:t', Events: ['s3:ObjectCreated:*' as const] },
      ],
    },
    { EventBridgeConfiguration: {} },
  ]) {
    const command = new PutBucketNotificationConfigurationCommand({ Bucket: bucket, NotificationConfiguration });
    await expect(stack.s3.send(command)).rejects.toMatchObject({
      name: 'NotImplemented',
      message: /notifies SQS queues only/,
    });
  }
});

test('a bucket that is made anew under an old name has no notifications', async () => {
  const { bucket, queueUrl } = await stack.place();
  await stack.s3.send(new DeleteBucketCommand({ Bucket: bucket }));
  const again = await fetch(`${stack.environment['AWS_ENDPOINT_URL_S3'] ?? ''}/${bucket}`, { method: 'PUT' });
  expect(again.status).toBe(200);
  await put(bucket, 'log_data/a');
  expect(await take(queueUrl)).toEqual([]);
});

test('a notification wakes a receiver that waits for it', async () => {
  const { bucket, queueUrl } = await stack.place();
  const waiting = stack.sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 20 }));
  const started = Date.now();
  await put(bucket, 'log_data/a');
  expect((await waiting).Messages).toHaveLength(1);
  expect(Date.now() - started).toBeLessThan(5000);
  await waitUntil(async () => (await stack.queueCounts(queueUrl)).inFlight === 1, {
    what: 'the message to be in flight',
  });
});
