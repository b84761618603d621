import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { DeleteMessageCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import pg from 'pg';
import { afterAll, beforeAll, expect } from 'vitest';
import { createBucket, createQueues, notifyQueue, startLocalStack } from 'local-stack';
import type { LocalStackOptions } from 'local-stack';
import { waitUntil } from './wait-until.ts';
import { workerStack } from './worker-stack.ts';
import type { StackInUse } from './worker-stack.ts';

export { waitUntil };

/** A bucket, a queue with its dead-letter queue, and a schema name that no other test has. */
export type TestPlace = {
  /** For the service: endpoints, credentials, and this place's names. */
  readonly environment: Readonly<Record<string, string>>;
  readonly bucket: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  /** Not created: that is what `migrate` is for. */
  readonly schema: string;
};

export type TestStack = {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly redshiftData: RedshiftDataClient;
  readonly environment: Readonly<Record<string, string>>;
  /** For looking at what is there; the service never uses it. Only with Redshift. */
  readonly pool: pg.Pool;
  /** A new place; its bucket notifies its queue of `log_data/` and `song_data/`, the test event already taken out. */
  place(options?: { notifiedPrefixes?: readonly string[] }): Promise<TestPlace>;
  /** The queue's messages, by what can be done with them now. */
  queueCounts(queueUrl: string): Promise<{ visible: number; inFlight: number; delayed: number }>;
  /** Fails when messages are left in the place's queue or the warehouse still works on something. */
  expectNothingLeft(place: TestPlace): Promise<void>;
};

/**
 * Call it once at the top of a test file: the embedded stack of this worker, or one of the file's own when it is to be a
 * special one. Sets the `AWS_*` variables that the SDK reads. At the end of the file no session of the warehouse is left.
 */
export function useStack(special?: Omit<LocalStackOptions, 'dataDir'>): TestStack {
  let running: Running | undefined;
  const now = (): Running => {
    if (running === undefined) throw new Error('The stack of this file is not running: use it inside tests and hooks.');
    return running;
  };
  beforeAll(async () => {
    running = start(await (special === undefined ? workerStack() : ownStack(special)));
  });
  afterAll(async () => {
    await running?.stop();
  });
  return {
    get s3() {
      return now().s3;
    },
    get sqs() {
      return now().sqs;
    },
    get redshiftData() {
      return now().redshiftData;
    },
    get environment() {
      return now().stack.environment;
    },
    get pool() {
      return now().pool;
    },
    place: async (placeOptions = {}) =>
      await makePlace(now(), placeOptions.notifiedPrefixes ?? ['log_data/', 'song_data/']),
    queueCounts: async (queueUrl) => await queueCounts(now().sqs, queueUrl),
    expectNothingLeft: async (place) => await expectNothingLeft(now(), place),
  };
}

type Running = {
  readonly stack: StackInUse;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly redshiftData: RedshiftDataClient;
  readonly pool: pg.Pool;
  stop(): Promise<void>;
};

async function ownStack(special: Omit<LocalStackOptions, 'dataDir'>): Promise<StackInUse> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sparkify-test-'));
  const stack = await startLocalStack({ port: 0, redshiftPort: 0, postgresPort: 0, ...special, dataDir });
  return {
    ...stack,
    stop: async () => {
      await stack.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function start(stack: StackInUse): Running {
  const restore = setAwsVariables(stack.environment);
  const s3 = new S3Client({});
  const sqs = new SQSClient({});
  const redshiftData = new RedshiftDataClient({});
  const pool = new pg.Pool(stack.psqlUrl === null ? {} : { connectionString: stack.psqlUrl });
  return {
    stack,
    s3,
    sqs,
    redshiftData,
    pool,
    async stop() {
      for (const client of [s3, sqs, redshiftData]) client.destroy();
      await pool.end();
      await stack.stop();
      restore();
    },
  };
}

/** The SDK's clients, ours and the service's, take endpoints and credentials from the process's environment. */
function setAwsVariables(environment: Readonly<Record<string, string>>): () => void {
  const before = new Map<string, string | undefined>();
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('AWS_')) continue;
    before.set(name, process.env[name]);
    process.env[name] = value;
  }
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  };
}

let places = 0;

async function makePlace({ stack, sqs }: Running, notifiedPrefixes: readonly string[]): Promise<TestPlace> {
  places += 1;
  const name = `place-${process.pid}-${places}`;
  const place = { bucket: name, queue: name, deadLetterQueue: `${name}-dead-letters`, notifiedPrefixes };
  const schema = name.replaceAll('-', '_');
  const endpoint = {
    url: stack.environment['AWS_ENDPOINT_URL_S3'] ?? '',
    region: stack.environment['AWS_REGION'] ?? '',
  };
  await createBucket(endpoint, place.bucket);
  const { queueUrl, deadLetterQueueUrl } = await createQueues(endpoint, place);
  if (notifiedPrefixes.length > 0) {
    await notifyQueue(endpoint, place);
    await takeTestEvent(sqs, queueUrl);
  }
  return {
    bucket: place.bucket,
    queueUrl,
    deadLetterQueueUrl,
    schema,
    environment: {
      ...stack.environment,
      SPARKIFY_BUCKET: place.bucket,
      SPARKIFY_QUEUE_URL: queueUrl,
      SPARKIFY_SCHEMA: schema,
    },
  };
}

async function takeTestEvent(sqs: SQSClient, queueUrl: string): Promise<void> {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 5 }));
  for (const { ReceiptHandle } of Messages)
    await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
}

async function queueCounts(
  sqs: SQSClient,
  queueUrl: string,
): Promise<{ visible: number; inFlight: number; delayed: number }> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }),
  );
  return {
    visible: Number(Attributes['ApproximateNumberOfMessages']),
    inFlight: Number(Attributes['ApproximateNumberOfMessagesNotVisible']),
    delayed: Number(Attributes['ApproximateNumberOfMessagesDelayed']),
  };
}

async function expectNothingLeft({ stack, sqs, pool }: Running, place: TestPlace): Promise<void> {
  expect(await queueCounts(sqs, place.queueUrl), `messages left in ${place.queueUrl}`).toEqual({
    visible: 0,
    inFlight: 0,
    delayed: 0,
  });
  if (stack.psqlUrl === null) return;
  // Sessions that are kept for their temporary tables are idle; one in a transaction would hold locks for ever. One that
  // has just given its answer may be seen working for a moment.
  const working = async (): Promise<readonly unknown[]> => {
    const { rows } = await pool.query<{ state: string; query: string }>(
      `select state, query from pg_catalog.pg_stat_activity
       where backend_type = 'client backend' and pid <> pg_catalog.pg_backend_pid() and state <> 'idle'`,
    );
    return rows;
  };
  const idle = waitUntil(async () => (await working()).length === 0, {
    what: 'all sessions to be idle',
    timeoutMs: 2000,
  });
  await idle.catch(async () => expect(await working(), 'sessions of the warehouse that are not idle').toEqual([]));
}
