import { setTimeout as delay } from 'node:timers/promises';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import { createS3ObjectStore } from '../../../../src/aws/s3-object-store.ts';
import { SqsQueue } from '../../../../src/aws/sqs-queue.ts';
import { Consumer } from '../../../../src/consumer/run-consumer.ts';
import type { ConsumerEnd } from '../../../../src/consumer/run-consumer.ts';
import type { ErrorCode } from '../../../../src/core/errors.ts';
import type { IngestEvent } from '../../../../src/core/events.ts';
import type { Clock } from '../../../../src/core/ports.ts';
import { ERROR_POLICY } from '../../../../src/core/verdict.ts';
import { createLoadBatch } from '../../../../src/loaders/load-batch.ts';
import { openSqlLibrary } from '../../../../src/sql/sql-library.ts';
import { SETTINGS } from '../../../consumer/consumer-harness.ts';
import { aPlay, aSong, lines } from '../../../support/log-events.ts';
import { migrateSchema } from '../../../support/migrate-schema.ts';
import { stackWarehouse } from '../../../support/stack-warehouse.ts';
import type { TestPlace, TestStack } from '../../../support/stack.ts';
import { waitUntil } from '../../../support/wait-until.ts';
import { Wire } from './wire.ts';

/** Back-offs of a minute pass in a second. What the servers themselves wait for takes its own time. */
const CLOCK_SPEED = 60;
/** How long a client waits for an answer; far longer than any takes. */
const PATIENCE_MS = 30_000;
const startedAtMs = Date.now();

const fastClock: Clock = {
  nowMs: () => startedAtMs + (Date.now() - startedAtMs) * CLOCK_SPEED,
  sleep: async (ms, signal) => {
    await delay(ms / CLOCK_SPEED, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  },
};

export const NO_CREDENTIALS = 'Could not load credentials from any providers';

/** As the SDK's own providers throw it. */
class CredentialsProviderError extends Error {
  override readonly name = 'CredentialsProviderError';
}

type AwsCredentialIdentity = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly expiration: Date;
};

/** The SDK's HTTP handler, whose settings may change while it is used. */
type Patient = { updateHttpClientConfig(key: 'requestTimeout', value: number): void };

type Running = {
  readonly consumer: Consumer;
  readonly ended: Promise<ConsumerEnd>;
  readonly stop: () => void;
  end: ConsumerEnd | null;
};

/**
 * The real consumer, loader and SDK clients in a separate place, with a fault proxy in between and a fast clock.
 * One consumer for many trials; after an error that ended it, another one.
 */
export class Consuming {
  readonly wire: Wire;
  readonly events: IngestEvent[] = [];
  readonly #stack: TestStack;
  readonly #place: TestPlace;
  #running: Running | null = null;
  #files = 0;
  #clients: readonly (S3Client | SQSClient | RedshiftDataClient)[] = [];
  /** Whether the place where credentials come from answers. */
  hasCredentials = true;

  private constructor(stack: TestStack, place: TestPlace, wire: Wire) {
    this.#stack = stack;
    this.#place = place;
    this.wire = wire;
  }

  static async begin(stack: TestStack): Promise<Consuming> {
    const place = await stack.place();
    const at = (name: string): string => place.environment[name] ?? '';
    const wire = await Wire.start({
      s3: at('AWS_ENDPOINT_URL_S3'),
      sqs: new URL(place.queueUrl).origin,
      data_api: at('AWS_ENDPOINT_URL_REDSHIFT_DATA'),
    });
    const consuming = new Consuming(stack, place, wire);
    const warehouse = stackWarehouse(stack.redshiftData, place.environment);
    await migrateSchema({ warehouse, pool: stack.pool }, place.schema);
    return consuming;
  }

  async end(): Promise<void> {
    this.wire.decide(null);
    await this.stopped();
    await this.wire.stop();
  }

  /** The consumer; started when none runs. */
  get consumer(): Consumer {
    return this.#run().consumer;
  }

  /** Waits for its end. The next one to be asked for is another one. */
  async ended(): Promise<ConsumerEnd> {
    const { ended } = this.#run();
    const end = await ended;
    this.#letGo();
    return end;
  }

  async stopped(): Promise<void> {
    this.#running?.stop();
    await this.#running?.ended;
    this.#letGo();
  }

  /** Waits until a consumer consumes and nothing is left from before. */
  async calm(): Promise<void> {
    this.wire.decide(null);
    await this.until('a consumer that has nothing to do', async () => {
      const { heldMessages, state } = this.consumer.snapshot();
      const { visible, inFlight } = await this.messages();
      return state === 'consuming' && heldMessages === 0 && visible + inFlight === 0;
    });
  }

  /** How long the clients of the running consumer wait for an answer. */
  patience(ms: number = PATIENCE_MS): void {
    for (const { config } of this.#clients) {
      (config.requestHandler as unknown as Patient).updateHttpClientConfig('requestTimeout', ms);
    }
  }

  /** Puts a file as a user would; past the wire. */
  async put(kind: 'log' | 'song', body?: string): Promise<string> {
    this.#files += 1;
    const key = kind === 'log' ? `log_data/${this.#files}.json` : `song_data/TR${this.#files}.json`;
    const song = JSON.stringify(aSong({ song_id: `SO${this.#files}` }));
    const text = body ?? (kind === 'log' ? lines(aPlay({ sessionId: this.#files })) : song);
    await this.#stack.s3.send(new PutObjectCommand({ Bucket: this.#place.bucket, Key: key, Body: text }));
    return key;
  }

  /** Waits until the ledger names the file and its message is gone. @returns its row. */
  async settled(key: string): Promise<{ status: string; error_code: string | null; reason: string | null }> {
    const row = await waitUntil(
      async () => {
        this.#throwIfEnded();
        const sql = `select status, error_code, reason from ${this.#place.schema}.ingest_files where object_key = $1`;
        return (await this.#stack.pool.query<Settled>(sql, [key])).rows[0] ?? null;
      },
      { what: `${key} to be settled` },
    );
    await waitUntil(async () => (await this.messages()).inFlight === 0, {
      what: `the message of ${key} to be deleted`,
    });
    return row;
  }

  async messages(): Promise<{ visible: number; inFlight: number }> {
    return await this.#stack.queueCounts(this.#place.queueUrl);
  }

  /** How often a file's message has been delivered, by what the queue says. */
  receiveCount(key: string): number {
    const counts = this.wire.deliveries.filter(({ body }) => body.includes(`"${encodeKey(key)}"`));
    return Math.max(0, ...counts.map(({ receiveCount }) => receiveCount));
  }

  /** Attempts that failed with this code, from the event at `from` on. */
  retries(code: ErrorCode, from: number): Extract<IngestEvent, { kind: 'load.retried' }>[] {
    return this.events.slice(from).filter((event) => event.kind === 'load.retried' && event.code === code) as Extract<
      IngestEvent,
      { kind: 'load.retried' }
    >[];
  }

  /** Waits for a condition about the consumer that has to hold before it ends. */
  async until<T>(what: string, condition: () => T | Promise<T>): Promise<Exclude<T, undefined | null | false>> {
    return await waitUntil(
      async () => {
        const value = await condition();
        if (value === undefined || value === null || value === false) this.#throwIfEnded();
        return value;
      },
      { what },
    );
  }

  /** Every delay that was waited after this code lies within its verdict's range. */
  expectDelaysWithinVerdict(code: ErrorCode, from: number): void {
    const verdict = ERROR_POLICY[code].then;
    if (verdict.kind === 'stop') throw new Error(`${code} is not tried again`);
    // In a new session the loader itself starts over a few times first, and sooner.
    const minMs = code === 'outcome_unknown' || code === 'session_lost' ? 200 : verdict.minMs;
    for (const { delayMs } of this.retries(code, from)) {
      expect(delayMs).toBeGreaterThanOrEqual(minMs);
      expect(delayMs).toBeLessThanOrEqual(verdict.maxMs);
    }
  }

  #throwIfEnded(): void {
    const error = this.#running?.end?.error;
    if (error !== undefined && error !== null) throw new Error(`The consumer ended: ${error.message}`);
  }

  #letGo(): void {
    this.#running = null;
    for (const client of this.#clients) client.destroy();
    this.#clients = [];
  }

  #run(): Running {
    if (this.#running !== null) return this.#running;
    // Of the kind that is always about to expire: asked for before every call.
    const credentials = (): Promise<AwsCredentialIdentity> =>
      this.hasCredentials
        ? Promise.resolve({ accessKeyId: 'test', secretAccessKey: 'test', expiration: new Date() })
        : Promise.reject(new CredentialsProviderError(NO_CREDENTIALS));
    const options = (service: 's3' | 'sqs' | 'data_api') => ({
      credentials,
      endpoint: this.wire.origin(service),
      // The SDK's own retries are not counted here.
      maxAttempts: 1,
      requestHandler: { requestTimeout: PATIENCE_MS, throwOnRequestTimeout: true },
    });
    const s3 = new S3Client({ ...options('s3'), forcePathStyle: true });
    const sqs = new SQSClient(options('sqs'));
    const dataApi = new RedshiftDataClient(options('data_api'));
    this.#clients = [s3, sqs, dataApi];
    const { bucket, environment, queueUrl, schema } = this.#place;
    const proxiedQueueUrl = queueUrl.replace(new URL(queueUrl).origin, this.wire.origin('sqs'));
    const emit = (event: IngestEvent): void => void this.events.push(event);
    const parts = { clock: fastClock, random: Math.random, emit };
    const route = { ...SETTINGS.route, bucket, workPrefix: 'sparkify-work/' };
    const loadBatch = createLoadBatch({
      ...parts,
      store: createS3ObjectStore(s3),
      warehouse: this.#warehouse(dataApi),
      library: openSqlLibrary(),
      settings: {
        ...route,
        schema,
        copyRoleArn: environment['SPARKIFY_COPY_ROLE_ARN'] ?? '',
        consumer: 'errors',
        rejectedRowsMax: 100,
      },
    });
    const consumer = new Consumer({
      ...parts,
      queue: new SqsQueue({ client: sqs, queueUrl: proxiedQueueUrl, deadLetterQueueUrl: null }),
      loadBatch,
      loadAnsweredAtMs: () => null,
      settings: {
        ...SETTINGS,
        queueUrl: proxiedQueueUrl,
        route,
        lingerMs: 3_000,
        // The queue counts in real seconds, the consumer in fast ones: it renews often and loses none.
        visibilitySeconds: 600,
        drainSeconds: 600,
        longPollSeconds: 1,
        receivers: 1,
      },
    });
    const intake = new AbortController();
    const ended = consumer.run({ drain: intake.signal });
    const running: Running = { consumer, ended, stop: () => intake.abort(), end: null };
    void ended.then((end) => (running.end = end));
    this.#running = running;
    return running;
  }

  #warehouse(client: RedshiftDataClient) {
    return stackWarehouse(client, this.#place.environment, { clock: fastClock, random: Math.random });
  }
}

type Settled = { status: string; error_code: string | null; reason: string | null };

function encodeKey(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '/');
}
