import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { sqsError } from './ingest-error.ts';

/** Entries of a batch call, at most (Amazon SQS, "Batch actions"). */
const ENTRIES_PER_CALL = 10;

/**
 * Sends message bodies to a queue, as S3 does when it delivers a notification again.
 *
 * @throws IngestError
 */
export async function sendMessages(client: SQSClient, queueUrl: string, bodies: readonly string[]): Promise<void> {
  for (let from = 0; from < bodies.length; from += ENTRIES_PER_CALL) {
    const Entries = bodies
      .slice(from, from + ENTRIES_PER_CALL)
      .map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    try {
      await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    } catch (error) {
      throw sqsError(error, { queueUrl, operation: 'SendMessageBatch' });
    }
  }
}
