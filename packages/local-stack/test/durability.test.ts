import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Message } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { spawnStack } from '../../../test/support/stack-process.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';

type Run = { endpoint: string; s3: S3Client; sqs: SQSClient; queueUrl: string; bucket: string; kill(): Promise<void> };

/** Starts the stack on `folder`, as often as you like. Ends with a kill, unless something went wrong before. */
async function run(folder: string): Promise<Run> {
  const envFile = join(folder, 'local.env');
  const stack = spawnStack({ dataDir: join(folder, 'data'), envFile, port: 0, only: ['s3', 'sqs'] });
  onTestFinished(() => {
    stack.child.kill('SIGKILL');
  });
  // A kill leaves the file of the run before, so its port says which run it belongs to.
  const environment = await waitUntil(async () => (stack.output().includes('Ctrl-C') ? await stack.ready() : null), {
    what: 'the stack to be ready',
  });
  const endpoint = environment['AWS_ENDPOINT_URL_S3'] ?? '';
  const common = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  };
  return {
    endpoint,
    s3: new S3Client(common),
    sqs: new SQSClient(common),
    queueUrl: environment['SPARKIFY_QUEUE_URL'] ?? '',
    bucket: environment['SPARKIFY_BUCKET'] ?? '',
    async kill() {
      expect(await stack.end('SIGKILL')).toBe('SIGKILL');
    },
  };
}

async function receiveAll({ sqs, queueUrl }: Run): Promise<Message[]> {
  const all: Message[] = [];
  for (;;) {
    const input = { QueueUrl: queueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 };
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ ...input, MessageSystemAttributeNames: ['ApproximateReceiveCount'] }),
    );
    if (Messages.length === 0) return all;
    all.push(...Messages);
  }
}

type Told = { key: string; eTag: string; sequencer: string };

function told(messages: readonly Message[]): Told[] {
  return messages.flatMap(({ Body = '' }) => {
    if (!Body.startsWith('{')) return [];
    const { Records = [] } = JSON.parse(Body) as { Records?: { s3: { object: Told } }[] };
    return Records.map(({ s3 }) => s3.object);
  });
}

test('a kill during uploads loses no object and no notification, and leaves no partial ones', async () => {
  const folder = temporaryFolder();
  const first = await run(folder);
  const answered = new Set<string>();
  const uploads = Array.from({ length: 8 }, async (_, uploader) => {
    for (let number = 0; ; number += 1) {
      const Key = `log_data/${uploader}/${number}`;
      try {
        await first.s3.send(new PutObjectCommand({ Bucket: first.bucket, Key, Body: `${Key}\n`.repeat(1000) }));
      } catch {
        return;
      }
      answered.add(Key);
    }
  });
  await waitUntil(() => answered.size > 100, { what: 'a hundred uploads' });
  await first.kill();
  await Promise.all(uploads);

  const second = await run(folder);
  const { Contents = [] } = await second.s3.send(new ListObjectsV2Command({ Bucket: second.bucket }));
  const listed = new Map(Contents.map(({ Key = '', ETag = '' }) => [Key, ETag.replaceAll('"', '')]));
  expect([...answered].filter((key) => !listed.has(key))).toEqual([]);
  for (const key of listed.keys()) {
    const { Body } = await second.s3.send(new GetObjectCommand({ Bucket: second.bucket, Key: key }));
    expect(await Body?.transformToString()).toBe(`${key}\n`.repeat(1000));
  }
  const notified = new Map(told(await receiveAll(second)).map(({ key, eTag }) => [key, eTag]));
  expect(Object.fromEntries(notified)).toEqual(Object.fromEntries(listed));
});

test('after a kill: leases, receive counts, the notification configuration and growing sequencers are still there', async () => {
  const folder = temporaryFolder();
  const first = await run(folder);
  await receiveAll(first);
  for (const MessageBody of ['leased', 'handed back']) {
    await first.sqs.send(new SendMessageCommand({ QueueUrl: first.queueUrl, MessageBody }));
  }
  await first.s3.send(new PutObjectCommand({ Bucket: first.bucket, Key: 'log_data/a', Body: '1' }));
  const before = await receiveAll(first);
  expect(before).toHaveLength(3);
  const handedBack = before.find(({ Body }) => Body === 'handed back');
  const handle = { QueueUrl: first.queueUrl, ReceiptHandle: handedBack?.ReceiptHandle };
  await first.sqs.send(new ChangeMessageVisibilityCommand({ ...handle, VisibilityTimeout: 0 }));
  await first.kill();

  const second = await run(folder);
  expect(new URL(second.queueUrl).origin).toBe(second.endpoint);
  await second.s3.send(new PutObjectCommand({ Bucket: second.bucket, Key: 'log_data/a', Body: '2' }));
  const after = await receiveAll(second);
  const plain = after.filter(({ Body }) => Body === 'handed back');
  expect(plain.map(({ Attributes }) => Attributes?.ApproximateReceiveCount)).toEqual(['2']);
  // The leased ones stay away: no test event is sent again either.
  expect(after).toHaveLength(2);
  const [earlier, later] = [told(before)[0]?.sequencer ?? '', told(after)[0]?.sequencer ?? ''];
  expect(earlier < later).toBe(true);
  const leased = before.find(({ Body }) => Body === 'leased');
  const old = { QueueUrl: second.queueUrl, ReceiptHandle: leased?.ReceiptHandle };
  await second.sqs.send(new ChangeMessageVisibilityCommand({ ...old, VisibilityTimeout: 0 }));
  expect((await receiveAll(second)).map(({ Body }) => Body)).toEqual(['leased']);
});
