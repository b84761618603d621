import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
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
  const s3 = new S3Client({ ...common, requestHandler: handler(64) });
  // Each receiver uses a socket for its whole poll; deletions and renewals must not wait for these.
  const sqs = new SQSClient({ ...common, requestHandler: handler(64) });
  const redshiftData = new RedshiftDataClient({ ...common, requestHandler: handler(32) });
  boundCalls(s3, { bounds, onAnswer, service: 'S3' });
  boundCalls(sqs, { bounds, onAnswer: () => undefined, service: 'SQS' });
  boundCalls(redshiftData, { bounds, onAnswer, service: 'the Data API' });
  return {
    s3,
    sqs,
    redshiftData,
    destroy: () => {
      for (const client of [s3, sqs, redshiftData]) client.destroy();
    },
  };
}
