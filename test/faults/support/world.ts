import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import pg from 'pg';
import { LOCAL_CREDENTIALS, createBucket, createQueues, notifyQueue } from 'local-stack';
import { workerStack } from '../../support/worker-stack.ts';

type Environment = Readonly<Record<string, string>>;

/** Embedded servers that many places share. There before the tests are collected: what the tests do depends on a recording. */
export type World = {
  readonly environment: Environment;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly redshiftData: RedshiftDataClient;
  readonly pool: pg.Pool;
  readonly psqlUrl: string;
  stop(): Promise<void>;
};

/** On the stack of this worker. */
export async function startWorld(): Promise<World> {
  const stack = await workerStack();
  const clients = openClients(stack.environment, stack.psqlUrl ?? '');
  return {
    ...clients,
    stop: async () => {
      await clients.close();
      await stack.stop();
    },
  };
}

/** What the test itself looks and acts with; never through a proxy. */
export function openClients(environment: Environment, psqlUrl: string) {
  const region = environment['AWS_REGION'] ?? '';
  const common = { endpoint: environment['AWS_ENDPOINT_URL_S3'] ?? '', region, credentials: LOCAL_CREDENTIALS };
  const s3 = new S3Client({ ...common, forcePathStyle: true });
  const sqs = new SQSClient(common);
  const redshiftData = new RedshiftDataClient({
    ...common,
    endpoint: environment['AWS_ENDPOINT_URL_REDSHIFT_DATA'] ?? '',
  });
  const pool = new pg.Pool({ connectionString: psqlUrl });
  // A server that is killed on purpose breaks idle connections; the next query opens a new one.
  pool.on('error', () => undefined);
  return {
    environment,
    s3,
    sqs,
    redshiftData,
    pool,
    psqlUrl,
    close: async () => {
      s3.destroy();
      sqs.destroy();
      redshiftData.destroy();
      await pool.end();
    },
  };
}

export type Place = {
  readonly environment: Environment;
  readonly bucket: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly schema: string;
};

let places = 0;

/** A bucket that notifies a queue, and a schema name, for this world alone. */
export async function makePlace({ environment }: Pick<World, 'environment'>): Promise<Place> {
  places += 1;
  const name = `faults-${process.pid}-${places}`;
  const endpoint = { url: environment['AWS_ENDPOINT_URL_S3'] ?? '', region: environment['AWS_REGION'] ?? '' };
  const named = { bucket: name, queue: name, deadLetterQueue: `${name}-dead-letters` };
  await createBucket(endpoint, name);
  const { queueUrl, deadLetterQueueUrl } = await createQueues(endpoint, { ...named, notifiedPrefixes: [] });
  await notifyQueue(endpoint, { ...named, notifiedPrefixes: ['log_data/', 'song_data/'] });
  const schema = name.replaceAll('-', '_');
  return {
    bucket: name,
    queueUrl,
    deadLetterQueueUrl,
    schema,
    environment: {
      ...environment,
      SPARKIFY_BUCKET: name,
      SPARKIFY_QUEUE_URL: queueUrl,
      SPARKIFY_SCHEMA: schema,
      // Several in a burst come into one batch; what arrives alone need not wait for company.
      SPARKIFY_LINGER_MS: '100',
      // Longer than any case: the leases of the dead are ended by the test.
      SPARKIFY_VISIBILITY_SECONDS: '300',
      SPARKIFY_DRAIN_SECONDS: '5',
    },
  };
}
