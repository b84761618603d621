import { once } from 'node:events';
import { connect } from 'node:net';
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Message } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { MAX_RECEIVE_COUNT } from '../../src/stack-options.ts';
import { useStack, waitUntil } from '../../../../test/support/stack.ts';

const stack = useStack({ only: ['s3', 'sqs'] });

async function send(QueueUrl: string, ...bodies: string[]): Promise<void> {
  for (const MessageBody of bodies) await stack.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
}

async function receive(QueueUrl: string, options: { wait?: number; visibility?: number } = {}): Promise<Message[]> {
  const { Messages = [] } = await stack.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: options.wait ?? 0,
      VisibilityTimeout: options.visibility ?? 30,
      MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
    }),
  );
  return Messages;
}

test('a released message is visible at once and keeps its receive count', async () => {
  const { queueUrl } = await stack.place({ notifiedPrefixes: [] });
  await send(queueUrl, 'a');
  for (const count of ['1', '2', '3']) {
    const [message] = await receive(queueUrl);
    expect(message?.Attributes).toMatchObject({
      ApproximateReceiveCount: count,
      SentTimestamp: expect.stringMatching(/^\d{13}$/) as string,
    });
    const handle = { QueueUrl: queueUrl, ReceiptHandle: message?.ReceiptHandle };
    await stack.sqs.send(new ChangeMessageVisibilityCommand({ ...handle, VisibilityTimeout: 0 }));
  }
});

test('a lease that runs out makes the message visible again; a renewed one does not', async () => {
  const { queueUrl } = await stack.place({ notifiedPrefixes: [] });
  await send(queueUrl, 'kept', 'let go');
  const messages = await receive(queueUrl, { visibility: 1 });
  const kept = messages.find(({ Body }) => Body === 'kept');
  const handle = { QueueUrl: queueUrl, ReceiptHandle: kept?.ReceiptHandle };
  await stack.sqs.send(new ChangeMessageVisibilityCommand({ ...handle, VisibilityTimeout: 60 }));
  const again = await receive(queueUrl, { wait: 5 });
  expect(again.map(({ Body }) => Body)).toEqual(['let go']);
  expect(await stack.queueCounts(queueUrl)).toEqual({ visible: 0, inFlight: 2, delayed: 0 });
});

test('a message that was received as often as the queue allows is found in the dead-letter queue instead', async () => {
  const { queueUrl, deadLetterQueueUrl } = await stack.place({ notifiedPrefixes: [] });
  await send(queueUrl, 'poison');
  for (let count = 1; count <= MAX_RECEIVE_COUNT; count += 1)
    expect(await receive(queueUrl, { visibility: 0 })).toHaveLength(1);
  expect(await receive(queueUrl, { visibility: 0 })).toEqual([]);
  expect((await receive(deadLetterQueueUrl)).map(({ Body }) => Body)).toEqual(['poison']);
});

test('batch calls succeed for the good entries and name the bad ones', async () => {
  const { queueUrl } = await stack.place({ notifiedPrefixes: [] });
  await send(queueUrl, 'a');
  const [message] = await receive(queueUrl);
  const Entries = [
    { Id: 'good', ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 60 },
    { Id: 'gone', ReceiptHandle: 'no-such-handle', VisibilityTimeout: 60 },
  ];
  const answer = await stack.sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
  expect(answer.Successful?.map(({ Id }) => Id)).toEqual(['good']);
  expect(answer.Failed).toMatchObject([{ Id: 'gone', Code: 'ReceiptHandleIsInvalid', SenderFault: true }]);
  const eleven = Array.from({ length: 11 }, (_, index) => ({ Id: String(index), ReceiptHandle: 'x' }));
  const tooMany = stack.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: eleven }));
  await expect(tooMany).rejects.toMatchObject({
    name: expect.stringMatching(/TooManyEntriesInBatchRequest/) as string,
  });
});

test('one message wakes one of many waiting receivers; the others wait on', async () => {
  const { queueUrl } = await stack.place({ notifiedPrefixes: [] });
  const answered: number[] = [];
  const waiting = [1, 2, 3, 4].map(async () => {
    const messages = await receive(queueUrl, { wait: 2 });
    answered.push(messages.length);
  });
  await send(queueUrl, 'a');
  await waitUntil(() => answered.length > 0, { what: 'the first receiver to be answered' });
  expect(answered).toEqual([1]);
  await Promise.all(waiting);
  expect(answered).toEqual([1, 0, 0, 0]);
});

/** Asks for messages with a long wait and closes the connection; resolves when the server has closed its side too. */
async function askAndHangUp(queueUrl: string): Promise<void> {
  const { hostname, port } = new URL(queueUrl);
  const body = JSON.stringify({ QueueUrl: queueUrl, WaitTimeSeconds: 20, VisibilityTimeout: 600 });
  const head = [
    'POST / HTTP/1.1',
    `Host: ${hostname}:${port}`,
    'Content-Type: application/x-amz-json-1.0',
    'X-Amz-Target: AmazonSQS.ReceiveMessage',
    `Content-Length: ${body.length}`,
  ];
  const socket = connect(Number(port), hostname);
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.resume();
  await once(socket, 'close');
}

test('a receiver that hangs up takes no message with it', async () => {
  const { queueUrl } = await stack.place({ notifiedPrefixes: [] });
  await Promise.all([1, 2, 3].map(async () => await askAndHangUp(queueUrl)));
  await send(queueUrl, 'a');
  expect((await receive(queueUrl, { wait: 5 })).map(({ Body }) => Body)).toEqual(['a']);
});

test('twenty receivers drain two thousand messages without losing or repeating one', { timeout: 120_000 }, async () => {
  const { queueUrl } = await stack.place({ notifiedPrefixes: [] });
  const total = 2000;
  const sending = (async () => {
    for (let start = 0; start < total; start += 10) {
      const Entries = Array.from({ length: 10 }, (_, index) => ({
        Id: String(index),
        MessageBody: String(start + index),
      }));
      await stack.sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    }
  })();
  const bodies: number[] = [];
  const receivers = Array.from({ length: 20 }, async () => {
    while (bodies.length < total) {
      const messages = await receive(queueUrl, { wait: 1 });
      bodies.push(...messages.map(({ Body }) => Number(Body)));
      if (messages.length === 0) continue;
      const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await stack.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    }
  });
  await Promise.all([sending, ...receivers]);
  expect(bodies.toSorted((one, other) => one - other)).toEqual(Array.from({ length: total }, (_, index) => index));
  expect(await stack.queueCounts(queueUrl)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
});
