import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { sqsError } from './ingest-error.ts';

/** Messages of a queue, approximately. `delayed`: not visible yet. */
export type QueueCounts = { readonly visible: number; readonly inFlight: number; readonly delayed: number };

/** Counts the messages of a queue without receiving one. @throws IngestError `queue_missing`, `access_denied`, … */
export async function countMessages(client: SQSClient, queueUrl: string, signal: AbortSignal): Promise<QueueCounts> {
  try {
    const names = [
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesDelayed',
    ] as const;
    const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...names] });
    const { Attributes } = await client.send(command, { abortSignal: signal });
    const [visible = 0, inFlight = 0, delayed = 0] = names.map((name) => Number(Attributes?.[name] ?? 0));
    return { visible, inFlight, delayed };
  } catch (error) {
    throw sqsError(error, { queueUrl, operation: 'GetQueueAttributes' });
  }
}
