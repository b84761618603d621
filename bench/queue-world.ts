import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, PurgeQueueCommand, SQSClient, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import pLimit from 'p-limit';
import pg from 'pg';
import { clientConfig } from './client-config.ts';
import { eventBody } from './flood.ts';
import type { WaitingObject } from './flood.ts';
import type { BenchStack } from './start-stack.ts';
import { setting } from './start-stack.ts';

const SENDS_IN_FLIGHT = 16;

/** The embedded stack as seen by somebody who fills its queue and looks on. */
export class QueueWorld {
  readonly environment: Readonly<Record<string, string>>;
  readonly #s3: S3Client;
  readonly #sqs: SQSClient;
  readonly #pool: pg.Pool;
  readonly #bucket: string;
  readonly #queueUrl: string;
  readonly #schema: string;

  constructor(stack: BenchStack) {
    this.environment = stack.environment;
    this.#s3 = new S3Client(clientConfig(stack, 'S3'));
    this.#sqs = new SQSClient(clientConfig(stack, 'SQS'));
    this.#pool = new pg.Pool({ connectionString: stack.psqlUrl });
    this.#bucket = setting(stack, 'SPARKIFY_BUCKET');
    this.#queueUrl = setting(stack, 'SPARKIFY_QUEUE_URL');
    this.#schema = setting(stack, 'SPARKIFY_SCHEMA');
  }

  /** S3 announces each object itself. */
  async put(objects: readonly WaitingObject[]): Promise<void> {
    const limit = pLimit(SENDS_IN_FLIGHT);
    await Promise.all(objects.map((object) => limit(() => this.#put(object))));
  }

  /** Sends notifications as S3 would send them if the objects were put again and again. */
  async announce(objects: readonly WaitingObject[], count: number): Promise<void> {
    const limit = pLimit(SENDS_IN_FLIGHT);
    const numbers = Array.from({ length: count }, (_, number) => number);
    const calls = Array.from({ length: Math.ceil(count / 10) }, (_, call) => numbers.slice(call * 10, call * 10 + 10));
    await Promise.all(calls.map((entries) => limit(() => this.#send(objects, entries))));
  }

  /** Deletes all messages of the queue. */
  async purge(): Promise<void> {
    await this.#sqs.send(new PurgeQueueCommand({ QueueUrl: this.#queueUrl }));
  }

  /** Nothing can be published until the returned function is called: somebody else holds the writers' lock. */
  async holdPublishing(): Promise<() => Promise<void>> {
    const client = await this.#pool.connect();
    await client.query('begin');
    await client.query(`lock table ${this.#schema}.ingest_lock_9`);
    let isHeld = true;
    return async () => {
      if (!isHeld) return;
      isHeld = false;
      await client.query('rollback');
      client.release();
    };
  }

  /** Messages in the queue, as it counts them. */
  async depth(): Promise<{ readonly waiting: number; readonly inFlight: number }> {
    const { Attributes = {} } = await this.#sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: this.#queueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    return {
      waiting: Number(Attributes['ApproximateNumberOfMessages']),
      inFlight: Number(Attributes['ApproximateNumberOfMessagesNotVisible']),
    };
  }

  async settledFiles(): Promise<number> {
    const { rows } = await this.#pool.query<{ n: string }>(`select count(*) as n from ${this.#schema}.ingest_files`);
    return Number(rows[0]?.n);
  }

  async close(): Promise<void> {
    this.#s3.destroy();
    this.#sqs.destroy();
    await this.#pool.end();
  }

  async #put({ body, key }: WaitingObject): Promise<void> {
    await this.#s3.send(new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: body }));
  }

  async #send(objects: readonly WaitingObject[], numbers: readonly number[]): Promise<void> {
    const { Failed = [] } = await this.#sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: this.#queueUrl,
        Entries: numbers.flatMap((number) => {
          const object = objects[number % objects.length];
          if (object === undefined) return [];
          return [{ Id: String(number), MessageBody: eventBody(this.#bucket, object, number) }];
        }),
      }),
    );
    if (Failed.length > 0) throw new Error(`The queue refused ${Failed.length} messages: ${Failed[0]?.Message ?? ''}`);
  }
}
