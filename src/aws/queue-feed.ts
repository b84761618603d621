import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { QueueFeed } from '../core/ports.ts';
import { sqsError } from './ingest-error.ts';
import { sendMessages } from './send-messages.ts';

/** Amazon SQS behind the `QueueFeed` port. */
export function createQueueFeed(client: SQSClient, queueUrl: string): QueueFeed {
  return {
    waiting: async (signal) => {
      const AttributeNames = ['ApproximateNumberOfMessages' as const];
      try {
        const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames });
        const { Attributes } = await client.send(command, { abortSignal: signal });
        return Number(Attributes?.['ApproximateNumberOfMessages'] ?? 0);
      } catch (error) {
        throw sqsError(error, { queueUrl, operation: 'GetQueueAttributes' });
      }
    },
    send: async (bodies, signal) => await sendMessages(client, queueUrl, bodies, signal),
  };
}
