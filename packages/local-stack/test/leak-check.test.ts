import { PutObjectCommand } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { useStack } from '../../../test/support/stack.ts';

const stack = useStack();

test('the leak check passes when all is done, and sees a message in flight', async () => {
  const place = await stack.place();
  await stack.expectNothingLeft(place);
  await stack.s3.send(new PutObjectCommand({ Bucket: place.bucket, Key: 'log_data/a', Body: 'x' }));
  await expect(stack.expectNothingLeft(place)).rejects.toThrow(/messages left in/);
  await stack.sqs.send(new ReceiveMessageCommand({ QueueUrl: place.queueUrl }));
  expect(await stack.queueCounts(place.queueUrl)).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
  await expect(stack.expectNothingLeft(place)).rejects.toThrow(/messages left in/);
});

test('the leak check sees a session that stays in its transaction', async () => {
  const place = await stack.place();
  const client = await stack.pool.connect();
  await client.query('begin');
  await expect(stack.expectNothingLeft(place)).rejects.toThrow(/not idle/);
  await client.query('rollback');
  client.release();
  await stack.expectNothingLeft(place);
});
