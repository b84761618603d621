import type { SQSClient } from '@aws-sdk/client-sqs';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient as Client,
} from '@aws-sdk/client-sqs';
import type { FauxqsServer } from 'fauxqs';
import { startFauxqs } from 'fauxqs';
import { afterAll, beforeAll } from 'vitest';

export type SqsServer = {
  readonly client: SQSClient;
  /** A queue of its own for the test, with a dead-letter queue unless it is to have none. */
  queue(options?: { deadLetters: 'none' }): Promise<{ queueUrl: string; deadLetterQueueUrl: string | null }>;
  send(queueUrl: string, bodies: readonly string[]): Promise<void>;
  counts(queueUrl: string): Promise<{ visible: number; inFlight: number }>;
  /** What lies in the queue now, with its attributes; it becomes visible again at once. */
  peek(queueUrl: string): Promise<readonly { body: string; attributes: Record<string, string> }[]>;
};

/** An SQS over HTTP for the tests of one file. */
export function useSqs(): SqsServer {
  let server: FauxqsServer | undefined;
  let client: Client | undefined;
  let queues = 0;
  const now = (): Client => {
    if (client === undefined) throw new Error('The server of this file is not running.');
    return client;
  };
  const create = async (name: string, attributes: Record<string, string>): Promise<{ url: string; arn: string }> => {
    const { QueueUrl } = await now().send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
    const QueueArn = 'QueueArn' as const;
    const { Attributes } = await now().send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [QueueArn] }));
    return { url: QueueUrl ?? '', arn: Attributes?.QueueArn ?? '' };
  };
  beforeAll(async () => {
    server = await startFauxqs({ port: 0, logger: false });
    client = new Client({
      endpoint: server.address,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  });
  afterAll(async () => {
    client?.destroy();
    await server?.stop();
  });
  return {
    get client() {
      return now();
    },
    async queue(options) {
      queues += 1;
      if (options?.deadLetters === 'none') {
        return { queueUrl: (await create(`queue-${queues}`, {})).url, deadLetterQueueUrl: null };
      }
      const dead = await create(`queue-${queues}-dead`, {});
      const redrive = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 50 });
      const { url } = await create(`queue-${queues}`, { RedrivePolicy: redrive });
      return { queueUrl: url, deadLetterQueueUrl: dead.url };
    },
    async send(queueUrl, bodies) {
      for (let from = 0; from < bodies.length; from += 10) {
        const Entries = bodies.slice(from, from + 10).map((MessageBody, n) => ({ Id: `e${n}`, MessageBody }));
        await now().send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      }
    },
    async counts(queueUrl) {
      const { Attributes } = await now().send(
        new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }),
      );
      return {
        visible: Number(Attributes?.ApproximateNumberOfMessages),
        inFlight: Number(Attributes?.ApproximateNumberOfMessagesNotVisible),
      };
    },
    async peek(queueUrl) {
      const { Messages } = await now().send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: 0,
          MessageAttributeNames: ['All'],
        }),
      );
      return (Messages ?? []).map((message) => ({
        body: message.Body ?? '',
        attributes: Object.fromEntries(
          Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, value.StringValue ?? '']),
        ),
      }));
    },
  };
}
