import type { S3Client } from '@aws-sdk/client-s3';
import type { ClientBase, Pool } from 'pg';

/** The environment of a COPY. `client` is the session, inside its transaction; `log` uses separate connections. */
export type CopyContext = {
  readonly client: ClientBase;
  readonly log: Pool;
  readonly s3: S3Client;
  readonly queryId: number;
  readonly transactionId: number;
  readonly sessionId: number;
  readonly database: string;
  readonly userName: string;
  readonly clusterIdentifier: string;
  readonly attachedRoleArns: readonly string[];
  readonly signal: AbortSignal;
};
