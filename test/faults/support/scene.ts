import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Message } from '@aws-sdk/client-sqs';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import type { InputFile } from '../../flow/support/sample.ts';
import { Star } from '../../flow/support/star.ts';
import { migrateSchema } from '../../support/migrate-schema.ts';
import { SparkifyProcess, runSparkify } from '../../support/sparkify-process.ts';
import { stackWarehouse } from '../../support/stack-warehouse.ts';
import { FaultProxy } from '../../support/fault-proxy.ts';
import { makePlace } from './world.ts';
import type { Place, World } from './world.ts';

/** The state that must be the same at the end of every run. */
export type Outcome = {
  readonly star: string;
  /** Every line of the ledger, rejected rows and what the batches say they hold. */
  readonly ledger: readonly string[];
};

/** One place and one program under test whose calls go through a proxy; everything else goes around it. */
export class Scene {
  readonly world: World;
  readonly place: Place;
  readonly proxy: FaultProxy;
  readonly #programs: SparkifyProcess[] = [];
  readonly #atEnd: (() => Promise<void>)[] = [];

  private constructor(world: World, place: Place, proxy: FaultProxy) {
    this.world = world;
    this.place = place;
    this.proxy = proxy;
  }

  static async open(world: World): Promise<Scene> {
    const place = await makePlace(world);
    const scene = new Scene(world, place, await FaultProxy.start(place.environment));
    await scene.#takeTestEvent();
    return scene;
  }

  /** The program whose calls are watched, as far as it was started. */
  get program(): SparkifyProcess | undefined {
    return this.#programs.at(-1);
  }

  async put(file: InputFile): Promise<void> {
    const { bucket } = this.place;
    await this.world.s3.send(new PutObjectCommand({ Bucket: bucket, Key: file.key, Body: file.body }));
  }

  async send(body: string, QueueUrl = this.place.queueUrl): Promise<void> {
    await this.world.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
  }

  /** Starts the program with the proxy between it and the servers. */
  start(args: readonly string[], settings: Readonly<Record<string, string>> = {}): SparkifyProcess {
    const program = new SparkifyProcess({ args, environment: { ...this.proxy.environment, ...settings } });
    this.#programs.push(program);
    return program;
  }

  /** The program without a proxy, to its end, which has to be a good one. */
  async run(args: readonly string[], settings: Readonly<Record<string, string>> = {}): Promise<string> {
    const end = await runSparkify({ args, environment: { ...this.place.environment, ...settings } });
    expect(end.code, `sparkify ${args.join(' ')}: ${end.stdout}${end.stderr}`).toBe(0);
    return end.stdout;
  }

  async migrate(): Promise<void> {
    const { environment, pool, redshiftData } = this.world;
    await migrateSchema({ warehouse: stackWarehouse(redshiftData, environment), pool }, this.place.schema);
  }

  /** What a dead consumer holds comes back when its leases end: now, for all messages it was given since the last time. */
  async endLeases(): Promise<void> {
    const { deadLetterQueueUrl, queueUrl } = this.place;
    for (const ReceiptHandle of await this.proxy.handedOut()) {
      for (const QueueUrl of [queueUrl, deadLetterQueueUrl]) {
        const command = new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
        // Already deleted or released, or of the other queue.
        await this.world.sqs.send(command).catch(() => undefined);
      }
    }
  }

  /** Messages in the queue, visible or not. */
  async messagesLeft(): Promise<number> {
    const input = { QueueUrl: this.place.queueUrl, AttributeNames: ['All' as const] };
    const { Attributes = {} } = await this.world.sqs.send(new GetQueueAttributesCommand(input));
    const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: held } = Attributes;
    return Number(visible) + Number(held);
  }

  async deadLetters(): Promise<readonly Message[]> {
    const input = { QueueUrl: this.place.deadLetterQueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
    return (await this.world.sqs.send(new ReceiveMessageCommand(input))).Messages ?? [];
  }

  async outcome(): Promise<Outcome> {
    const star = await Star.open(this.world.psqlUrl, this.place.schema);
    try {
      const rows = await star.rows<{ line: string }>(`
        select row('file', object_key, etag, dataset, status, error_code, line_number)::text as line from ingest_files
        union all
        select row('rejected', dataset, object_key, line_number, column_name, reason, row_text)::text from rejected_rows
        union all
        select row('batches', sum(files), sum(rows_rejected))::text from ingest_batches
        order by 1`);
      return { star: await star.dump(), ledger: rows.map(({ line }) => line) };
    } finally {
      await star.close();
    }
  }

  /**
   * Publishing transactions that the warehouse ran more than once. The tables do not show it, because publishing again
   * changes nothing: that is the second defence, and this asks for the first.
   */
  async publishedTwice(): Promise<readonly string[]> {
    const { rows } = await this.world.pool.query<{ statement_name: string }>(
      `select statement_name from redshift_local.statements
       join ${this.place.schema}.ingest_batches on statement_name = 'sparkify publish ' || batch_id
       where status = 'FINISHED' group by statement_name having count(*) > 1`,
    );
    return rows.map(({ statement_name }) => statement_name);
  }

  atEnd(act: () => Promise<void>): void {
    this.#atEnd.push(act);
  }

  async close(): Promise<void> {
    for (const act of this.#atEnd.splice(0)) await act();
    for (const program of this.#programs) await program.dispose();
    await this.proxy.stop();
  }

  /** The bucket's first message is S3's test event, and would be the first to be received and deleted. */
  async #takeTestEvent(): Promise<void> {
    const { queueUrl: QueueUrl } = this.place;
    const { Messages = [] } = await this.world.sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    for (const { ReceiptHandle } of Messages) {
      await this.world.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}
