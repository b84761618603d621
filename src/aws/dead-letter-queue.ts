import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
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
const RELEASE_MS = 5_000;
/** Visibility timeout while listing: a message reappears after this if releasing it fails. */
const LOOKED_AT_SECONDS = 60;
/** Visibility timeout of messages that a person redrives or deletes. */
const HELD_SECONDS = 300;

/**
 * The URL of the dead-letter queue in this queue's redrive policy.
 *
 * @throws IngestError `config_invalid` when there is none; `queue_missing`, `access_denied`, …
 */
export async function findDeadLetterQueue(client: SQSClient, queueUrl: string, signal: AbortSignal): Promise<string> {
  try {
    return await deadLetterQueueUrl(client, queueUrl, signal);
  } catch (error) {
    throw sqsError(error, { queueUrl, operation: 'Looking for the dead-letter queue' });
  }
}

async function deadLetterQueueUrl(client: SQSClient, queueUrl: string, signal: AbortSignal): Promise<string> {
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

type Looked = { readonly deadLetterQueueUrl: string; readonly max: number; readonly signal: AbortSignal };

/** A dead letter that nobody else receives for five minutes. */
export type HeldLetter = DeadLetter & { readonly receiptHandle: string };

/**
 * Reads messages of a dead-letter queue and releases them again.
 *
 * @param input.max maximum number of messages.
 * @returns the received messages, the oldest first.
 * @throws IngestError
 */
export async function readDeadLetters(client: SQSClient, input: Looked): Promise<readonly DeadLetter[]> {
  return await receive(client, input, { hiddenSeconds: LOOKED_AT_SECONDS, isHeld: () => false });
}

/**
 * Takes messages out of a dead-letter queue for a while, and releases the others.
 *
 * @param input.max maximum number of messages to look at.
 * @returns the wanted messages, the oldest first.
 * @throws IngestError
 */
export async function holdDeadLetters(
  client: SQSClient,
  input: Looked & { readonly isWanted: (letter: DeadLetter) => boolean },
): Promise<readonly HeldLetter[]> {
  const letters = await receive(client, input, { hiddenSeconds: HELD_SECONDS, isHeld: input.isWanted });
  return letters.filter(input.isWanted);
}

/** @throws IngestError when SQS does not delete the message. */
export async function deleteDeadLetter(
  client: SQSClient,
  QueueUrl: string,
  { receiptHandle: ReceiptHandle }: HeldLetter,
): Promise<void> {
  try {
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  } catch (error) {
    throw sqsError(error, { queueUrl: QueueUrl, operation: 'DeleteMessage' });
  }
}

/** Lets others receive the messages again, without an error: they reappear in any case. */
export async function releaseDeadLetters(
  client: SQSClient,
  QueueUrl: string,
  letters: readonly HeldLetter[],
): Promise<void> {
  for (let from = 0; from < letters.length; from += PER_CALL) {
    const Entries = letters
      .slice(from, from + PER_CALL)
      .map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle, VisibilityTimeout: 0 }));
    try {
      const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries });
      await client.send(command, { abortSignal: AbortSignal.timeout(RELEASE_MS) });
    } catch {
      return;
    }
  }
}

async function receive(
  client: SQSClient,
  { deadLetterQueueUrl: QueueUrl, max, signal }: Looked,
  { hiddenSeconds, isHeld }: { readonly hiddenSeconds: number; readonly isHeld: (letter: DeadLetter) => boolean },
): Promise<readonly HeldLetter[]> {
  const seen = new Map<string, HeldLetter>();
  let isComplete = false;
  try {
    while (seen.size < max && !signal.aborted) {
      const command = new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: Math.min(PER_CALL, max - seen.size),
        // A long poll asks all servers of the queue; a short poll may miss messages (Amazon SQS, "Short and long polling").
        WaitTimeSeconds: 1,
        VisibilityTimeout: hiddenSeconds,
        MessageAttributeNames: [PARKED_REASON, PARKED_MESSAGE_ID],
        MessageSystemAttributeNames: ['SentTimestamp'],
      });
      const { Messages = [] } = await client.send(command, { abortSignal: signal });
      if (Messages.length === 0) break;
      // Standard queues may deliver a message twice; the last handle counts.
      for (const letter of Messages.map(heldLetter)) seen.set(letter.messageId, letter);
    }
    isComplete = !signal.aborted;
  } catch (error) {
    if (!signal.aborted) throw sqsError(error, { queueUrl: QueueUrl, operation: 'ReceiveMessage' });
  } finally {
    const all = [...seen.values()];
    await releaseDeadLetters(client, QueueUrl, isComplete ? all.filter((letter) => !isHeld(letter)) : all);
  }
  return [...seen.values()].sort((one, other) => one.sentAtMs - other.sentAtMs);
}

function heldLetter(message: Message): HeldLetter {
  return { ...deadLetter(message), receiptHandle: message.ReceiptHandle ?? '' };
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
