import type { BatchResultErrorEntry, Message, SQSClient } from '@aws-sdk/client-sqs';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import pLimit from 'p-limit';
import type { IngestError } from '../core/errors.ts';
import type { BatchCallResult, Queue, QueueMessage } from '../core/ports.ts';
import { ERROR_POLICY } from '../core/verdict.ts';
import { PARKED_MESSAGE_ID, PARKED_REASON, findDeadLetterQueue } from './dead-letter-queue.ts';
import { nameRow } from './recognise-error.ts';
import { sqsError } from './ingest-error.ts';

/** Entries of a batch call, at most (Amazon SQS, "Batch actions"). */
const ENTRIES_PER_CALL = 10;

/** Batch calls at the same time: 5,000 deletions are 500 calls, which in sequence would take many seconds. */
const CALLS_AT_ONCE = 8;

/** Amazon SQS behind the `Queue` port (a standard queue; S3 does not send to FIFO queues). */
export class SqsQueue implements Queue {
  readonly #client: SQSClient;
  readonly #queueUrl: string;
  readonly #limit = pLimit(CALLS_AT_ONCE);
  #deadLetterQueueUrl: string | null;

  /** @param input.deadLetterQueueUrl `null`: that of the queue's redrive policy, looked up when needed. */
  constructor(input: { client: SQSClient; queueUrl: string; deadLetterQueueUrl: string | null }) {
    this.#client = input.client;
    this.#queueUrl = input.queueUrl;
    this.#deadLetterQueueUrl = input.deadLetterQueueUrl;
  }

  async receive(input: {
    max: number;
    waitSeconds: number;
    visibilitySeconds: number;
    signal: AbortSignal;
  }): Promise<readonly QueueMessage[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#queueUrl,
      MaxNumberOfMessages: Math.min(10, Math.max(1, input.max)),
      WaitTimeSeconds: input.waitSeconds,
      VisibilityTimeout: input.visibilitySeconds,
      MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
    });
    try {
      const { Messages } = await this.#client.send(command, { abortSignal: input.signal });
      return (Messages ?? []).flatMap(queueMessage);
    } catch (error) {
      if (input.signal.aborted) return [];
      throw this.#error(error, 'ReceiveMessage');
    }
  }

  async delete(receiptHandles: readonly string[], signal: AbortSignal): Promise<BatchCallResult> {
    return await this.#inTens(receiptHandles, 'DeleteMessageBatch', async (handles) => {
      const Entries = handles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
      const command = new DeleteMessageBatchCommand({ QueueUrl: this.#queueUrl, Entries });
      return await this.#client.send(command, { abortSignal: signal });
    });
  }

  async changeVisibility(
    receiptHandles: readonly string[],
    visibilitySeconds: number,
    signal: AbortSignal,
  ): Promise<BatchCallResult> {
    return await this.#inTens(receiptHandles, 'ChangeMessageVisibilityBatch', async (handles) => {
      const Entries = handles.map((ReceiptHandle, index) => ({
        Id: String(index),
        ReceiptHandle,
        VisibilityTimeout: visibilitySeconds,
      }));
      const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.#queueUrl, Entries });
      return await this.#client.send(command, { abortSignal: signal });
    });
  }

  async park(message: QueueMessage, reason: string, signal: AbortSignal): Promise<void> {
    try {
      this.#deadLetterQueueUrl ??= await findDeadLetterQueue(this.#client, this.#queueUrl, signal);
      await this.#client.send(
        new SendMessageCommand({
          QueueUrl: this.#deadLetterQueueUrl,
          MessageBody: message.body,
          MessageAttributes: {
            [PARKED_REASON]: { DataType: 'String', StringValue: attributeText(reason) },
            [PARKED_MESSAGE_ID]: { DataType: 'String', StringValue: message.messageId },
          },
        }),
        { abortSignal: signal },
      );
    } catch (error) {
      throw sqsError(error, { queueUrl: this.#deadLetterQueueUrl ?? this.#queueUrl, operation: 'SendMessage' });
    }
  }

  async #inTens(
    receiptHandles: readonly string[],
    operation: string,
    call: (handles: readonly string[]) => Promise<{ Failed?: BatchResultErrorEntry[] | undefined }>,
  ): Promise<BatchCallResult> {
    const calls = tens(receiptHandles).map(
      async (handles) => await this.#limit(async () => await this.#one(handles, operation, call)),
    );
    // All calls end before an error is thrown.
    const ends = await Promise.allSettled(calls);
    const failed = ends.flatMap((end) => {
      if (end.status === 'rejected') throw this.#error(end.reason, operation);
      return end.value.failed;
    });
    return { failed };
  }

  async #one(
    handles: readonly string[],
    operation: string,
    call: (handles: readonly string[]) => Promise<{ Failed?: BatchResultErrorEntry[] | undefined }>,
  ): Promise<BatchCallResult> {
    try {
      const { Failed } = await call(handles);
      return { failed: (Failed ?? []).flatMap((entry) => failedEntry(entry, handles)) };
    } catch (thrown) {
      const error = this.#error(thrown, operation);
      // A `stop` error would repeat in every call; other errors concern these ten entries only.
      if (ERROR_POLICY[error.code].then.kind === 'stop') throw error;
      const { code, message: sentence } = error;
      return { failed: handles.map((receiptHandle) => ({ receiptHandle, code, retryable: true, sentence })) };
    }
  }

  #error(thrown: unknown, operation: string): IngestError {
    return sqsError(thrown, { queueUrl: this.#queueUrl, operation });
  }
}

function queueMessage(message: Message): QueueMessage[] {
  // Without a handle a message can be neither deleted nor released; SQS always sends one.
  if (message.ReceiptHandle === undefined) return [];
  return [
    {
      messageId: message.MessageId ?? '',
      receiptHandle: message.ReceiptHandle,
      body: message.Body ?? '',
      receiveCount: Number(message.Attributes?.ApproximateReceiveCount ?? 1),
      sentAtMs: Number(message.Attributes?.SentTimestamp ?? 0),
    },
  ];
}

/** Whether the entry may succeed the next time. A sender fault (an expired receipt handle, say) usually fails again. */
function mayPass({ Code, SenderFault }: BatchResultErrorEntry): boolean {
  if (SenderFault !== true) return true;
  const code = nameRow(Code ?? '', 'sqs')?.code;
  return code !== undefined && ERROR_POLICY[code].then.kind === 'wait';
}

function failedEntry(entry: BatchResultErrorEntry, handles: readonly string[]): BatchCallResult['failed'][number][] {
  const receiptHandle = handles[Number(entry.Id)];
  if (receiptHandle === undefined) return [];
  const code = entry.Code ?? 'Unknown';
  return [{ receiptHandle, code, retryable: mayPass(entry) }];
}

function tens<T>(items: readonly T[]): T[][] {
  const chunks: T[][] = [];
  for (let from = 0; from < items.length; from += ENTRIES_PER_CALL)
    chunks.push(items.slice(from, from + ENTRIES_PER_CALL));
  return chunks;
}

/** SQS refuses most control characters; a reason may quote a key that contains them. */
function attributeText(text: string): string {
  // eslint-disable-next-line no-control-regex -- the control characters are the point
  return text.slice(0, 1000).replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/gu, '?');
}
