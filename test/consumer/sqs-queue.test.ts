import { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { SqsQueue } from '../../src/aws/sqs-queue.ts';
import type { Queue, QueueMessage } from '../../src/core/ports.ts';
import { useSqs } from './sqs-server.ts';

const sqs = useSqs();
const never = new AbortController().signal;

async function aQueue(options?: { deadLetters: 'none' }) {
  const urls = await sqs.queue(options);
  return { ...urls, queue: new SqsQueue({ client: sqs.client, queueUrl: urls.queueUrl, deadLetterQueueUrl: null }) };
}

async function receiveAll(queue: Queue): Promise<readonly QueueMessage[]> {
  const all: QueueMessage[] = [];
  for (;;) {
    const some = await queue.receive({ max: 10, waitSeconds: 0, visibilitySeconds: 60, signal: never });
    if (some.length === 0) return all;
    all.push(...some);
  }
}

describe('the SQS queue', () => {
  it('receives messages with their handle, count and time', async () => {
    const { queue, queueUrl } = await aQueue();
    const beforeMs = Date.now() - 1000;
    await sqs.send(queueUrl, ['hello']);
    const [message] = await receiveAll(queue);
    expect(message).toMatchObject({ body: 'hello', receiveCount: 1 });
    expect(message?.sentAtMs).toBeGreaterThan(beforeMs);
    expect(message?.receiptHandle).not.toBe('');
  });

  it('deletes and releases any number of messages, ten a call', async () => {
    const { queue, queueUrl } = await aQueue();
    await sqs.send(
      queueUrl,
      Array.from({ length: 47 }, (_, n) => `${n}`),
    );
    const handles = (await receiveAll(queue)).map((message) => message.receiptHandle);
    expect(await queue.delete(handles.slice(0, 23), never)).toEqual({ failed: [] });
    expect(await queue.changeVisibility(handles.slice(23), 0, never)).toEqual({ failed: [] });
    expect(await sqs.counts(queueUrl)).toEqual({ visible: 24, inFlight: 0 });
  });

  it('names the entries of a batch call that failed, and those only, as not worth another try', async () => {
    const { queue, queueUrl } = await aQueue();
    await sqs.send(queueUrl, ['a', 'b']);
    const [a, b] = (await receiveAll(queue)).map((message) => message.receiptHandle);
    const result = await queue.changeVisibility([a ?? '', 'no-such-handle', b ?? ''], 30, never);
    expect(result.failed).toEqual([
      { receiptHandle: 'no-such-handle', code: 'ReceiptHandleIsInvalid', retryable: false },
    ]);
  });

  it('ends a long poll when it is aborted, without an error', async () => {
    const { queue } = await aQueue();
    const abort = new AbortController();
    const poll = queue.receive({ max: 10, waitSeconds: 20, visibilitySeconds: 60, signal: abort.signal });
    abort.abort();
    expect(await poll).toEqual([]);
  });

  it('parks a message on the dead-letter queue of the redrive policy with its reason', async () => {
    const { queue, queueUrl, deadLetterQueueUrl } = await aQueue();
    await sqs.send(queueUrl, ['hello']);
    const [message] = await receiveAll(queue);
    if (message === undefined || deadLetterQueueUrl === null) throw new Error('no message');
    await queue.park(message, 'not JSON: \u0000\u0001 "é"', never);
    expect(await sqs.peek(deadLetterQueueUrl)).toEqual([
      { body: 'hello', attributes: { SparkifyReason: 'not JSON: ?? "é"', SparkifyMessageId: message.messageId } },
    ]);
  });

  it('says what to do without a dead-letter queue', async () => {
    const { queue, queueUrl } = await aQueue({ deadLetters: 'none' });
    await sqs.send(queueUrl, ['hello']);
    const [message] = await receiveAll(queue);
    if (message === undefined) throw new Error('no message');
    await expect(queue.park(message, 'why', never)).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('SPARKIFY_DEAD_LETTER_QUEUE_URL') as string,
    });
  });

  it('recognises a queue that does not exist, whatever is asked of it', async () => {
    const missing = new SqsQueue({
      client: sqs.client,
      queueUrl: 'http://sqs.us-east-1.localhost/000000000000/missing',
      deadLetterQueueUrl: null,
    });
    const error = { code: 'queue_missing', message: expect.stringContaining('SPARKIFY_QUEUE_URL') as string };
    await expect(receiveAll(missing)).rejects.toMatchObject(error);
    await expect(missing.delete(['h'], never)).rejects.toMatchObject(error);
    await expect(missing.changeVisibility(['h'], 1, never)).rejects.toMatchObject(error);
  });

  it('recognises an endpoint that is not there; a batch call then asks for another try of every entry', async () => {
    const client = new SQSClient({
      endpoint: 'http://127.0.0.1:1',
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    });
    const away = new SqsQueue({ client, queueUrl: 'http://127.0.0.1:1/000000000000/q', deadLetterQueueUrl: null });
    await expect(receiveAll(away)).rejects.toMatchObject({
      code: 'endpoint_unreachable',
      message: expect.stringContaining('AWS_ENDPOINT_URL_') as string,
    });
    expect((await away.delete(['a', 'b'], never)).failed).toMatchObject([
      { receiptHandle: 'a', code: 'endpoint_unreachable', retryable: true },
      {
        receiptHandle: 'b',
        code: 'endpoint_unreachable',
        retryable: true,
        sentence: expect.stringMatching(/^DeleteMessageBatch on http/) as string,
      },
    ]);
    client.destroy();
  });
});
