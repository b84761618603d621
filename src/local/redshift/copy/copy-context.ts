import type { S3Client } from '@aws-sdk/client-s3';
import type { ClientBase, Pool } from 'pg';

/** What a COPY runs in. `client` is the session, inside its transaction; `log` has connections of its own. */
export type CopyContext = {
  readonly client: ClientBase;
  readonly log: Pool;
  readonly s3: S3Client;
  readonly queryId: number;
  readonly transactionId: number;
  readonly sessionId: number;
  readonly database: string;
  readonly userName: string;
  readonly attachedRoleArns: readonly string[];
  readonly signal: AbortSignal;
};
