import type { Unpleasantness } from './object-store/bucket-notifications.ts';

/** Parts that can be left out. S3 and SQS share one server and one port. */
export type LocalStackPart = 's3' | 'sqs' | 'redshift';

const LOCAL_STACK_PARTS: readonly LocalStackPart[] = ['s3', 'sqs', 'redshift'];

/** Everything about the embedded stack that can be chosen. Ports may be 0: any free one. */
export type LocalStackSettings = {
  /** Objects, queues, messages and the database live here; created when it is not there. */
  readonly dataDir: string;
  /** Address that all servers listen on. Nothing is authenticated: think before you choose another. */
  readonly host: string;
  readonly only: readonly LocalStackPart[];
  /** S3 and SQS. */
  readonly port: number;
  /** Redshift's Data API and management API. */
  readonly redshiftPort: number;
  /** For psql. */
  readonly postgresPort: number;
  readonly region: string;
  readonly bucket: string;
  readonly queue: string;
  readonly deadLetterQueue: string;
  /** Key prefixes below which new and deleted objects are notified. */
  readonly notifiedPrefixes: readonly string[];
  readonly clusterIdentifier: string;
  readonly database: string;
  readonly masterUser: string;
  readonly schema: string;
  readonly copyRoleArn: string;
  /** Keeps the log of a run that ended well; that of a failed one is always kept. */
  readonly keepLogs: boolean;
};

export type LocalStackOptions = Partial<LocalStackSettings> & {
  /** A PostgreSQL server to use in place of the embedded one. */
  readonly postgresUrl?: string;
  /** Where COPY reads when S3 is left out; without it, wherever AWS_ENDPOINT_URL_S3 points. */
  readonly s3Endpoint?: string;
  readonly unpleasantness?: Unpleasantness;
  readonly log?: (line: string) => void;
};

/**
 * Receives before a message goes to the dead-letter queue. High, because the consumer parks what it cannot read by itself:
 * this is only the last resort, and a service that is restarted again and again during an outage must not reach it.
 */
export const MAX_RECEIVE_COUNT = 100;

export const LOCAL_STACK_DEFAULTS: LocalStackSettings = {
  dataDir: '.sparkify/data',
  host: '127.0.0.1',
  only: LOCAL_STACK_PARTS,
  port: 4566,
  redshiftPort: 4567,
  postgresPort: 5439,
  region: 'us-east-1',
  bucket: 'sparkify-data',
  queue: 'sparkify-ingest',
  deadLetterQueue: 'sparkify-ingest-dead-letters',
  notifiedPrefixes: ['log_data/', 'song_data/'],
  clusterIdentifier: 'sparkify-local',
  database: 'sparkify',
  masterUser: 'sparkify',
  schema: 'sparkify',
  copyRoleArn: 'arn:aws:iam::000000000000:role/sparkify-copy',
  keepLogs: false,
};
