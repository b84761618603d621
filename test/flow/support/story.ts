import { PutObjectCommand } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Message } from '@aws-sdk/client-sqs';
import pLimit from 'p-limit';
import { expect, onTestFinished } from 'vitest';
import { migrateSchema } from '../../support/migrate-schema.ts';
import { SparkifyProcess, runSparkify } from '../../support/sparkify-process.ts';
import type { ProcessEnd } from '../../support/sparkify-process.ts';
import { stackWarehouse } from '../../support/stack-warehouse.ts';
import type { TestPlace, TestStack } from '../../support/stack.ts';
import type { InputFile } from './sample.ts';
import { Star } from './star.ts';

export type Settings = Readonly<Record<string, string>>;

/**
 * A bucket, a queue and tables of one test, used as a user uses them: files are put with the AWS SDK, the real program
 * runs as a child process, and what happened is read from the tables, the queue and the exit code.
 */
export class Story {
  readonly stack: TestStack;
  readonly place: TestPlace;
  readonly star: Star;

  private constructor(stack: TestStack, place: TestPlace, star: Star) {
    this.stack = stack;
    this.place = place;
    this.star = star;
  }

  /** A new place with migrated tables; everything is closed at the end of the test. */
  static async begin(stack: TestStack, options: { notifiedPrefixes?: readonly string[] } = {}): Promise<Story> {
    const place = await stack.place(options);
    const warehouse = stackWarehouse(stack.redshiftData, place.environment);
    await migrateSchema({ warehouse, pool: stack.pool }, place.schema);
    const star = await Star.open(stack.environment['SPARKIFY_LOCAL_PSQL_URL'] ?? '', place.schema);
    onTestFinished(() => star.close());
    return new Story(stack, place, star);
  }

  async put(file: InputFile): Promise<void> {
    const { bucket } = this.place;
    await this.stack.s3.send(new PutObjectCommand({ Bucket: bucket, Key: file.key, Body: file.body }));
  }

  async putAll(files: readonly InputFile[]): Promise<void> {
    const limit = pLimit(8);
    await Promise.all(files.map((file) => limit(() => this.put(file))));
  }

  /** Loads everything that is in the queue: `sparkify consume --until-idle`, which has to end well. */
  async consumeAll(settings: Settings = {}): Promise<ProcessEnd> {
    const end = await this.run(['consume', '--until-idle'], settings);
    expect(end, end.stderr).toMatchObject({ code: 0, signal: null });
    return end;
  }

  async run(args: readonly string[], settings: Settings = {}): Promise<ProcessEnd> {
    return await runSparkify({ args, environment: this.environment(settings) });
  }

  /** The program in the background; killed at the end of the test if it still runs then. */
  start(args: readonly string[], settings: Settings = {}, options: { ownGroup?: boolean } = {}): SparkifyProcess {
    const child = new SparkifyProcess({ args, environment: this.environment(settings), ...options });
    onTestFinished(() => child.dispose());
    return child;
  }

  /** Settings of the place. The linger is short, because a test waits for conditions. */
  environment(settings: Settings = {}): Settings {
    return { ...this.place.environment, SPARKIFY_LINGER_MS: '100', ...settings };
  }

  /** What is on the dead-letter queue, ten messages at most, with all attributes. */
  async deadLetters({ hideSeconds = 0 } = {}): Promise<readonly Message[]> {
    const { Messages = [] } = await this.stack.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: this.place.deadLetterQueueUrl,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
        VisibilityTimeout: hideSeconds,
      }),
    );
    return Messages;
  }

  /** Messages of the queue that could be received now or later. */
  async messagesLeft(): Promise<number> {
    const { visible, inFlight, delayed } = await this.stack.queueCounts(this.place.queueUrl);
    return visible + inFlight + delayed;
  }

  async queueArn(): Promise<string> {
    const { Attributes } = await this.stack.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: this.place.queueUrl, AttributeNames: ['QueueArn'] }),
    );
    return Attributes?.['QueueArn'] ?? '';
  }

  /** Every promise about the end of a run: no message is left, no statement still runs. */
  async expectNothingLeft(): Promise<void> {
    await this.stack.expectNothingLeft(this.place);
  }
}
