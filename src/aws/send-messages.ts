import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { sqsError } from './ingest-error.ts';

/** Entries of a batch call, at most (Amazon SQS, "Batch actions"). */
const ENTRIES_PER_CALL = 10;

/**
 * Sends message bodies to a queue, as S3 sends notifications.
 *
 * @throws IngestError also about a message that SQS refuses alone.
 */
export async function sendMessages(
  client: SQSClient,
  queueUrl: string,
  bodies: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  for (let from = 0; from < bodies.length; from += ENTRIES_PER_CALL) {
    const Entries = bodies
      .slice(from, from + ENTRIES_PER_CALL)
      .map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    try {
      const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries });
      const { Failed = [] } = await client.send(command, signal === undefined ? {} : { abortSignal: signal });
      const [refused] = Failed;
      if (refused === undefined) continue;
      throw Object.assign(new Error(refused.Message ?? 'refused'), { name: refused.Code ?? 'Unknown' });
    } catch (error) {
      throw sqsError(error, { queueUrl, operation: 'SendMessageBatch' });
    }
  }
}
