import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { z } from 'zod';
import type { DeadLetter } from '../core/intake/dead-letter.ts';
import { IngestError } from '../core/errors.ts';
import { sqsError } from './ingest-error.ts';

/** Message attributes of a parked message, for people. */
export const PARKED_REASON = 'SparkifyReason';
export const PARKED_MESSAGE_ID = 'SparkifyMessageId';

/** Messages of one receive and entries of one batch call, at most (Amazon SQS, "Batch actions"). */
const PER_CALL = 10;
/** Time limit for releasing listed messages; SQS redelivers the others after the visibility timeout. */
const HAND_BACK_MS = 5_000;
/** Visibility timeout while listing: a message reappears after this if releasing it fails. */
const LOOKED_AT_SECONDS = 60;

/**
 * The URL of the dead-letter queue in this queue's redrive policy.
 *
 * @throws IngestError `config_invalid` when there is none; `queue_missing`, `access_denied`, …
 */
export async function findDeadLetterQueue(client: SQSClient, queueUrl: string, signal: AbortSignal): Promise<string> {
  const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['RedrivePolicy'] });
  const { Attributes } = await client.send(command, { abortSignal: signal });
  const policy = redrivePolicy.safeParse(Attributes?.['RedrivePolicy']);
  if (!policy.success) {
    throw new IngestError(
      'config_invalid',
      `The queue ${queueUrl} has no dead-letter queue. Give it a redrive policy, or set SPARKIFY_DEAD_LETTER_QUEUE_URL.`,
    );
  }
  const [, , , , account, name] = policy.data.deadLetterTargetArn.split(':');
  const named = new GetQueueUrlCommand({ QueueName: name, QueueOwnerAWSAccountId: account });
  const { QueueUrl } = await client.send(named, { abortSignal: signal });
  if (QueueUrl === undefined) throw new IngestError('queue_missing', `The dead-letter queue ${name ?? ''} has no URL.`);
  return QueueUrl;
}

/**
 * Reads messages of a dead-letter queue and releases them again.
 *
 * @param input.max maximum number of messages.
 * @returns the received messages, the oldest first.
 * @throws IngestError
 */
export async function readDeadLetters(
  client: SQSClient,
  input: { readonly deadLetterQueueUrl: string; readonly max: number; readonly signal: AbortSignal },
): Promise<readonly DeadLetter[]> {
  const { deadLetterQueueUrl: QueueUrl, max, signal } = input;
  const seen: Message[] = [];
  try {
    while (seen.length < max && !signal.aborted) {
      const command = new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: Math.min(PER_CALL, max - seen.length),
        // A long poll asks all servers of the queue; a short poll may miss messages (Amazon SQS, "Short and long polling").
        WaitTimeSeconds: 1,
        VisibilityTimeout: LOOKED_AT_SECONDS,
        MessageAttributeNames: [PARKED_REASON, PARKED_MESSAGE_ID],
        MessageSystemAttributeNames: ['SentTimestamp'],
      });
      const { Messages = [] } = await client.send(command, { abortSignal: signal });
      if (Messages.length === 0) break;
      seen.push(...Messages);
    }
  } catch (error) {
    if (!signal.aborted) throw sqsError(error, { queueUrl: QueueUrl, operation: 'ReceiveMessage' });
  } finally {
    await handBack(client, QueueUrl, seen);
  }
  return seen.map(deadLetter).sort((one, other) => one.sentAtMs - other.sentAtMs);
}

async function handBack(client: SQSClient, QueueUrl: string, messages: readonly Message[]): Promise<void> {
  for (let from = 0; from < messages.length; from += PER_CALL) {
    const Entries = messages
      .slice(from, from + PER_CALL)
      .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 }));
    try {
      const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries });
      await client.send(command, { abortSignal: AbortSignal.timeout(HAND_BACK_MS) });
    } catch {
      // A message that is not released reappears within a minute; the list is more important.
      return;
    }
  }
}

function deadLetter(message: Message): DeadLetter {
  return {
    messageId: message.MessageId ?? '',
    sentAtMs: Number(message.Attributes?.SentTimestamp ?? 0),
    body: message.Body ?? '',
    parkedReason: message.MessageAttributes?.[PARKED_REASON]?.StringValue ?? null,
    receivedAs: message.MessageAttributes?.[PARKED_MESSAGE_ID]?.StringValue ?? null,
  };
}

const redrivePolicy = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue('not JSON');
      return z.NEVER;
    }
  })
  .pipe(z.object({ deadLetterTargetArn: z.string().regex(/^arn:[^:]+:sqs:[^:]+:\d+:[^:]+$/) }));
