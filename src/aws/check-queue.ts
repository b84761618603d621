import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { sqsError } from './ingest-error.ts';

/**
 * Checks that the queue exists and is accessible, without receiving a message.
 *
 * @throws IngestError `queue_missing`, `access_denied`, `endpoint_unreachable`, …
 */
export async function checkQueue(client: SQSClient, queueUrl: string, signal: AbortSignal): Promise<void> {
  try {
    const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] });
    await client.send(command, { abortSignal: signal });
  } catch (error) {
    throw sqsError(error, { queueUrl, operation: 'GetQueueAttributes' });
  }
}
