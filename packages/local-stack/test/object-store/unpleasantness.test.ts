import { PutObjectCommand } from '@aws-sdk/client-s3';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { useStack } from '../../../../test/support/stack.ts';

const delayMs = 300;
const stack = useStack({ only: ['s3', 'sqs'], unpleasantness: { seed: 7, duplicates: 0.5, delayMs, reorder: true } });

test('notifications come late, some twice, and not in order; each object is announced at least once', async () => {
  const { bucket, queueUrl } = await stack.place({ notifiedPrefixes: ['log_data/'] });
  const put = Array.from({ length: 40 }, (_, index) => `log_data/${String(index).padStart(2, '0')}`);
  for (const Key of put) await stack.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x' }));
  expect((await stack.queueCounts(queueUrl)).delayed).toBeGreaterThan(0);

  const told: string[] = [];
  const messageIds = new Set<string | undefined>();
  for (;;) {
    const input = { QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 };
    const { Messages = [] } = await stack.sqs.send(new ReceiveMessageCommand(input));
    if (Messages.length === 0) break;
    for (const { Body = '{}', ReceiptHandle, MessageId } of Messages) {
      const { Records = [] } = JSON.parse(Body) as { Records?: { s3: { object: { key: string } } }[] };
      told.push(...Records.map(({ s3 }) => s3.object.key));
      messageIds.add(MessageId);
      await stack.sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
    }
  }
  expect([...new Set(told)].sort()).toEqual(put);
  expect(told.length).toBeGreaterThan(put.length);
  expect(messageIds.size).toBe(told.length);
  expect(told).not.toEqual(told.toSorted());
});
