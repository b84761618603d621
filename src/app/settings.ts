import { choice, decimal, integer, optionalText, requiredText, text } from '../settings/kinds.ts';
import type { Definition } from '../settings/kinds.ts';
import type { ValuesOf } from '../settings/read-values.ts';

/** A prefix matches any key that begins with it, so a prefix without a final `/` would match its neighbours. */
const prefix = (defaultPrefix: string) =>
  text({
    expected: 'a key prefix that ends with "/" and does not begin with it',
    pattern: /^[^/].{0,510}\/$/,
    default: defaultPrefix,
  });

const QUEUE_URL = {
  expected: 'a queue URL such as https://sqs.eu-west-1.amazonaws.com/123456789012/sparkify-ingest',
  pattern: /^(?=.{1,2048}$)https?:\/\/[^/]+\/\d{12}\/[A-Za-z0-9_.-]+$/,
};

/**
 * Every setting of the service. `app/config.ts` and the messages about wrong settings use this list, and a test compares
 * `docs/config.reference.env` with it.
 */
export const SETTINGS = {
  AWS_REGION: requiredText({
    expected: 'the region of bucket, queue and warehouse, such as eu-west-1',
    pattern: /^[a-z]{2}(-[a-z]+)+-\d$/,
  }),
  SPARKIFY_BUCKET: requiredText({
    expected: 'a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens, without s3://',
    pattern: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  }),
  SPARKIFY_LOG_PREFIX: prefix('log_data/'),
  SPARKIFY_LOG_JSONPATHS: optionalText({
    expected: 's3://bucket/key or the path of a local file: a JSONPaths file with the keys of the logs',
    // Another scheme is a mistake, not a path.
    pattern: /^(?=.{1,2048}$)(?:s3:\/\/[^/]+\/.+|(?![a-zA-Z0-9+.-]+:\/\/).+)$/s,
  }),
  SPARKIFY_SONG_PREFIX: prefix('song_data/'),
  SPARKIFY_WORK_PREFIX: prefix('sparkify-work/'),
  /** What happens to the rows of a deleted object. */
  SPARKIFY_ON_DELETE: choice({ words: ['keep', 'remove'], default: 'keep' }),
  SPARKIFY_QUEUE_URL: requiredText(QUEUE_URL),
  SPARKIFY_DEAD_LETTER_QUEUE_URL: optionalText(QUEUE_URL),
  SPARKIFY_SCHEMA: text({
    expected: 'a schema name: a lower-case letter, then up to 62 lower-case letters, digits or underscores',
    pattern: /^[a-z][a-z0-9_]{0,62}$/,
    default: 'sparkify',
  }),
  SPARKIFY_READERS: optionalText({
    expected: 'groups and roles of the database that may read the five tables: group:analysts,role:dashboards',
    pattern: /^(?=.{1,2048}$)(?:group|role):[A-Za-z_][\w$-]{0,126}(?:,(?:group|role):[A-Za-z_][\w$-]{0,126})*$/,
  }),
  SPARKIFY_CLUSTER_IDENTIFIER: optionalText({
    expected: 'the identifier of a Redshift cluster',
    pattern: /^[a-z][a-z0-9-]{0,62}$/,
  }),
  SPARKIFY_WORKGROUP_NAME: optionalText({
    expected: 'the name of a Redshift Serverless workgroup: 3 to 64 lower-case letters, digits or hyphens',
    pattern: /^[a-z0-9-]{3,64}$/,
  }),
  SPARKIFY_DATABASE: requiredText({
    expected: 'the name of the database in the cluster or workgroup',
    pattern: /^.{1,64}$/s,
  }),
  SPARKIFY_DB_USER: optionalText({
    expected: 'a database user of the cluster',
    pattern: /^.{1,128}$/s,
  }),
  SPARKIFY_SECRET_ARN: optionalText({
    expected: 'the ARN of a Secrets Manager secret: arn:aws:secretsmanager:<region>:<account>:secret:<name>',
    pattern: /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+$/,
    secret: true,
  }),
  SPARKIFY_COPY_ROLE_ARN: requiredText({
    expected: 'the ARN of the role that COPY uses to read the bucket: arn:aws:iam::<account>:role/<name>',
    pattern: /^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/,
  }),
  SPARKIFY_LINGER_MS: integer({
    min: 0,
    max: 900_000,
    default: 2_000,
    what: 'milliseconds that a batch waits for more files',
  }),
  SPARKIFY_BATCH_MAX_FILES: integer({
    min: 1,
    max: 50_000,
    default: 5_000,
    what: 'the maximum number of files in a batch',
  }),
  SPARKIFY_BATCH_MAX_BYTES: integer({
    min: 1_048_576,
    max: 1_099_511_627_776,
    default: 134_217_728,
    what: 'the maximum number of bytes in a batch',
  }),
  SPARKIFY_BATCH_MAX_AGE_MS: integer({
    min: 100,
    max: 3_600_000,
    default: 30_000,
    what: 'milliseconds after which a batch closes by age',
  }),
  SPARKIFY_LOAD_INTERVAL_MS: integer({
    min: 0,
    max: 900_000,
    default: 0,
    what: 'the minimum number of milliseconds between the starts of two rounds of loads',
  }),
  SPARKIFY_LOAD_REST: decimal({
    max: 100,
    default: 1,
    what: 'the rest after loads, as a multiple of their running time in the warehouse',
  }),
  SPARKIFY_LOAD_REST_MAX_MS: integer({
    min: 0,
    max: 900_000,
    default: 60_000,
    what: 'the maximum number of milliseconds of rest after a round of loads',
  }),
  SPARKIFY_MAX_HELD_FILES: integer({
    min: 10,
    max: 200_000,
    default: 20_000,
    what: 'the maximum number of files held in memory, at which the intake stops',
  }),
  SPARKIFY_VISIBILITY_SECONDS: integer({
    min: 10,
    max: 43_200,
    default: 120,
    what: 'seconds of the visibility timeout of a message (it is renewed until its batch is loaded)',
  }),
  SPARKIFY_DRAIN_SECONDS: integer({
    min: 0,
    max: 3_600,
    default: 90,
    what: 'seconds that a stopping consumer waits for the load in flight',
  }),
  SPARKIFY_REJECTED_ROWS_MAX: integer({
    min: 0,
    max: 100_000,
    default: 10_000,
    what: 'the maximum number of rejected rows of a batch that are stored with their text (all are counted)',
  }),
  SPARKIFY_CONSUMER_NAME: optionalText({
    expected: 'a name for this consumer: up to 64 letters, digits, dots, hyphens or underscores',
    pattern: /^[A-Za-z0-9._-]{1,64}$/,
  }),
  SPARKIFY_OPERATOR: optionalText({
    expected: 'who runs a command that changes rows, for the ledger: up to 128 bytes of text',
    pattern: /^[ -~]{1,128}$/,
  }),
  SPARKIFY_LOG_LEVEL: choice({ words: ['debug', 'info', 'warn', 'error'], default: 'info' }),
} satisfies Readonly<Record<string, Definition>>;

export type SettingName = keyof typeof SETTINGS;
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];
/** The settings once read; `null` for a setting that is not set and has no default. */
export type SettingValues = ValuesOf<typeof SETTINGS>;
