import type { RedshiftClient } from '@aws-sdk/client-redshift';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { STSClient } from '@aws-sdk/client-sts';
import { BOUNDS } from '../core/bounds.ts';
import { boundCalls } from './bounded-clients.ts';

/**
 * The SDK clients. The SDK itself reads endpoints (`AWS_ENDPOINT_URL_*`), credentials and profiles. Its standard retry mode repeats
 * throttled and broken calls.
 */
export type AwsClients = {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly redshiftData: RedshiftDataClient;
  /** The management API, which few commands use: its module is loaded at the first call. */
  redshift(): Promise<RedshiftClient>;
  /** As `redshift`. */
  sts(): Promise<STSClient>;
  destroy(): void;
};

const MAX_ATTEMPTS = 4;

/**
 * Constructs the clients; connects to nothing yet.
 *
 * @param onAnswer called whenever S3 or the Data API, which loads use, sends something.
 */
export function createClients(region: string, bounds = BOUNDS, onAnswer: () => void = () => undefined): AwsClients {
  const common = { region, retryMode: 'standard', maxAttempts: MAX_ATTEMPTS } as const;
  const handler = (maxSockets: number) => ({
    connectionTimeout: bounds.connectMs,
    httpAgent: { maxSockets },
    httpsAgent: { maxSockets },
  });
  // A request that waits for a socket counts as unanswered: each of 16 readers may probe 10 objects at once.
  const s3 = new S3Client({ ...common, requestHandler: handler(256) });
  // Each receiver uses a socket for its whole poll; deletions and renewals must not wait for these.
  const sqs = new SQSClient({ ...common, requestHandler: handler(64) });
  const redshiftData = new RedshiftDataClient({ ...common, requestHandler: handler(32) });
  boundCalls(s3, { bounds, onAnswer, service: 'S3' });
  boundCalls(sqs, { bounds, onAnswer: () => undefined, service: 'SQS' });
  boundCalls(redshiftData, { bounds, onAnswer, service: 'the Data API' });
  const opened: { destroy(): void }[] = [s3, sqs, redshiftData];
  const redshift = async (): Promise<RedshiftClient> => {
    const { RedshiftClient } = await import('@aws-sdk/client-redshift');
    const client = new RedshiftClient({ ...common, requestHandler: handler(4) });
    boundCalls(client, { bounds, onAnswer: () => undefined, service: 'the Redshift API' });
    opened.push(client);
    return client;
  };
  const sts = async (): Promise<STSClient> => {
    const { STSClient } = await import('@aws-sdk/client-sts');
    const client = new STSClient({ ...common, requestHandler: handler(4) });
    boundCalls(client, { bounds, onAnswer: () => undefined, service: 'STS' });
    opened.push(client);
    return client;
  };
  let management: Promise<RedshiftClient> | null = null;
  let identities: Promise<STSClient> | null = null;
  return {
    s3,
    sqs,
    redshiftData,
    redshift: async () => await (management ??= redshift()),
    sts: async () => await (identities ??= sts()),
    destroy: () => {
      for (const client of opened) client.destroy();
    },
  };
}
