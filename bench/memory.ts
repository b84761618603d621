import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import pLimit from 'p-limit';
import pg from 'pg';
import { SparkifyProcess, runSparkify } from '../test/support/sparkify-process.ts';
import { asOperator } from './as-operator.ts';
import { eventBody, waitingObjects } from './flood.ts';
import type { WaitingObject } from './flood.ts';
import { describeMachine } from './machine.ts';
import type { Machine } from './machine.ts';
import { peakMemoryMB } from './peak-memory.ts';
import type { BenchStack } from './start-stack.ts';
import { setting, startStack } from './start-stack.ts';

export type MemoryPlan = {
  /** Notifications that wait before the consumer starts. */
  readonly notifications: number;
  /** Objects that they are about; each was put, and announced again and again under later sequencers. */
  readonly objects: number;
  /** `SPARKIFY_MAX_HELD_FILES`; this many files are held before the first load may publish. */
  readonly held: number;
};

export const FULL_PLAN: MemoryPlan = { notifications: 100_000, objects: 5_000, held: 20_000 };
export const QUICK_PLAN: MemoryPlan = { notifications: 12_000, objects: 500, held: 8_000 };

export type MemoryResult = {
  readonly machine: Machine;
  readonly plan: MemoryPlan;
  /** Messages in flight when publishing was allowed, as the queue counts them. */
  readonly held: number;
  /** From the consumer's start to the last file in the ledger. */
  readonly seconds: number;
  readonly secondsToHold: number;
  /** `null` where the system does not tell. */
  readonly peakMB: number | null;
  readonly targetMB: number;
  readonly met: boolean | null;
};

const TARGET_MB = 250;
const SENDS_IN_FLIGHT = 16;
const WITHIN_MS = 900_000;

/**
 * Fills the queue, lets the real program hold as many files as it may while nothing can be published, then lets it work
 * everything off, and reads its peak memory from the kernel.
 */
export async function measureMemory(plan: MemoryPlan, say: (line: string) => void): Promise<MemoryResult> {
  say('starting the embedded stack');
  const stack = await startStack();
  try {
    const migrated = await runSparkify({ args: ['migrate'], environment: stack.environment });
    if (migrated.code !== 0) throw new Error(`sparkify migrate failed:\n${migrated.stderr}`);
    const world = new World(stack);
    try {
      say(`${plan.objects} objects, ${plan.notifications} notifications`);
      await world.fill(plan);
      return { machine: describeMachine(), plan, targetMB: TARGET_MB, ...(await run(world, plan, say)) };
    } finally {
      await world.close();
    }
  } finally {
    await stack.stop();
  }
}

async function run(
  world: World,
  plan: MemoryPlan,
  say: (line: string) => void,
): Promise<Pick<MemoryResult, 'held' | 'seconds' | 'secondsToHold' | 'peakMB' | 'met'>> {
  const release = await world.holdPublishing();
  const startedAtMs = Date.now();
  const consumer = new SparkifyProcess({
    args: ['consume'],
    environment: { ...world.environment, SPARKIFY_MAX_HELD_FILES: String(plan.held) },
    program: asOperator(),
  });
  let mostHeld = 0;
  const until = async (isThere: () => Promise<boolean>): Promise<void> => {
    while (!(await isThere())) {
      if (consumer.ended) throw new Error(`The consumer ended:\n${consumer.text.slice(-2_000)}`);
      if (Date.now() - startedAtMs > WITHIN_MS) throw new Error(`Not there after ${WITHIN_MS / 1000} s.`);
      mostHeld = Math.max(mostHeld, await world.inFlight());
      await sleep(250);
    }
  };
  try {
    await until(() => Promise.resolve(mostHeld >= plan.held));
    const secondsToHold = (Date.now() - startedAtMs) / 1000;
    const held = mostHeld;
    say(`${held} held after ${secondsToHold.toFixed(1)} s; now they may be published`);
    await release();
    await until(async () => (await world.settledFiles()) >= plan.notifications);
    const peakMB = peakMemoryMB(consumer.pid);
    const seconds = (Date.now() - startedAtMs) / 1000;
    consumer.kill('SIGTERM');
    await consumer.end;
    return { held, seconds, secondsToHold, peakMB, met: peakMB === null ? null : peakMB <= TARGET_MB };
  } finally {
    await release();
    await consumer.dispose();
  }
}

/** The embedded stack as seen by somebody who fills its queue and looks on. */
class World {
  readonly environment: Readonly<Record<string, string>>;
  readonly #s3: S3Client;
  readonly #sqs: SQSClient;
  readonly #pool: pg.Pool;
  readonly #bucket: string;
  readonly #queueUrl: string;
  readonly #schema: string;

  constructor(stack: BenchStack) {
    const client = (service: 'S3' | 'SQS') => ({
      endpoint: setting(stack, `AWS_ENDPOINT_URL_${service}`),
      region: setting(stack, 'AWS_REGION'),
      credentials: {
        accessKeyId: setting(stack, 'AWS_ACCESS_KEY_ID'),
        secretAccessKey: setting(stack, 'AWS_SECRET_ACCESS_KEY'),
      },
    });
    this.environment = stack.environment;
    this.#s3 = new S3Client({ ...client('S3'), forcePathStyle: true });
    this.#sqs = new SQSClient(client('SQS'));
    this.#pool = new pg.Pool({ connectionString: stack.psqlUrl });
    this.#bucket = setting(stack, 'SPARKIFY_BUCKET');
    this.#queueUrl = setting(stack, 'SPARKIFY_QUEUE_URL');
    this.#schema = setting(stack, 'SPARKIFY_SCHEMA');
  }

  /** The objects are put, which S3 announces itself; the other notifications are sent as S3 would send them. */
  async fill(plan: MemoryPlan): Promise<void> {
    const limit = pLimit(SENDS_IN_FLIGHT);
    const objects = waitingObjects(plan.objects);
    await Promise.all(objects.map((object) => limit(() => this.#put(object))));
    const more = plan.notifications - plan.objects;
    const numbers = Array.from({ length: more }, (_, number) => number);
    const calls = Array.from({ length: Math.ceil(more / 10) }, (_, call) => numbers.slice(call * 10, call * 10 + 10));
    await Promise.all(calls.map((entries) => limit(() => this.#send(objects, entries))));
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

  async inFlight(): Promise<number> {
    const { Attributes = {} } = await this.#sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: this.#queueUrl,
        AttributeNames: ['ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    return Number(Attributes['ApproximateNumberOfMessagesNotVisible']);
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
