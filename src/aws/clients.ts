import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';

/**
 * The SDK clients. Where they connect to and as whom is the SDK's own business: it reads `AWS_ENDPOINT_URL_*`,
 * credentials and profiles. Standard retry mode repeats throttled and broken calls within bounds.
 */
export type AwsClients = {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly redshiftData: RedshiftDataClient;
  destroy(): void;
};

const CONNECTION_TIMEOUT_MS = 5_000;
/** Longer than the longest long poll (30 s for the Data API, 20 s for SQS), with room for a slow answer. */
const LONG_POLL_TIMEOUT_MS = 45_000;
const MAX_ATTEMPTS = 4;

/** Constructs the clients; connects to nothing yet. */
export function createClients(region: string): AwsClients {
  const common = { region, retryMode: 'standard', maxAttempts: MAX_ATTEMPTS } as const;
  const handler = (maxSockets: number) => ({
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: LONG_POLL_TIMEOUT_MS,
    httpAgent: { maxSockets },
    httpsAgent: { maxSockets },
  });
  const s3 = new S3Client({ ...common, requestHandler: handler(64) });
  // Each receiver holds a socket for its whole poll; deletions and renewals must not queue behind them.
  const sqs = new SQSClient({ ...common, requestHandler: handler(64) });
  const redshiftData = new RedshiftDataClient({ ...common, requestHandler: handler(32) });
  return {
    s3,
    sqs,
    redshiftData,
    destroy: () => {
      for (const client of [s3, sqs, redshiftData]) client.destroy();
    },
  };
}
