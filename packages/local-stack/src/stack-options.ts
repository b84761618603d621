import type { Unpleasantness } from './object-store/bucket-notifications.ts';

/** The parts of the stack, each optional. S3 and SQS share one server and one port. */
export type LocalStackPart = 's3' | 'sqs' | 'redshift';

const LOCAL_STACK_PARTS: readonly LocalStackPart[] = ['s3', 'sqs', 'redshift'];

/** The options of the embedded stack. Port 0 means any free port. */
export type LocalStackSettings = {
  /** Holds objects, queues, messages and the database; created when missing. */
  readonly dataDir: string;
  /** Address that all servers listen on. The servers do not authenticate clients: choose another address with care. */
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
  /** Key prefixes below which the bucket announces new and deleted objects. */
  readonly notifiedPrefixes: readonly string[];
  readonly clusterIdentifier: string;
  readonly database: string;
  readonly masterUser: string;
  readonly schema: string;
  readonly copyRoleArn: string;
  /** Keeps the log of a successful run; the log of a failed run is always kept. */
  readonly keepLogs: boolean;
};

export type LocalStackOptions = Partial<LocalStackSettings> & {
  /** A PostgreSQL server to use in place of the embedded one. */
  readonly postgresUrl?: string;
  /** Where COPY reads when S3 is left out; by default the endpoint in AWS_ENDPOINT_URL_S3. */
  readonly s3Endpoint?: string;
  readonly unpleasantness?: Unpleasantness;
  readonly log?: (line: string) => void;
  /** Further settings for the environment of those who use the stack. */
  readonly settings?: Readonly<Record<string, string>>;
};

/**
 * Receives before a message goes to the dead-letter queue. High, because the consumer itself moves unreadable messages there:
 * this limit is the last resort, and a service that restarts often during an outage must not reach it.
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
