import { z } from 'zod';

/**
 * Every setting of the service: its parser, the expected values and its default. `app/config.ts` and the messages about wrong
 * settings use this list, and a test compares `docs/config.reference.env` with it.
 */
type Setting = {
  /** Parses the text of the variable. */
  readonly schema: z.ZodType;
  /** Completes "expected …". */
  readonly expected: string;
  /** As in the environment; `null` without a default. */
  readonly default: string | null;
  /** Masked in messages. */
  readonly secret?: boolean;
};

function setting<T extends Setting>(definition: T): T {
  return definition;
}

function wholeNumber(min: number, max: number): z.ZodType<number> {
  return z.string().regex(/^\d+$/).transform(Number).pipe(z.number().int().min(min).max(max));
}

function integerSetting(input: { min: number; max: number; default: number; what: string }) {
  return setting({
    schema: wholeNumber(input.min, input.max),
    expected: `${input.what}, a whole number from ${input.min} to ${input.max}`,
    default: String(input.default),
  });
}

/** A share or a multiple. */
function decimalSetting(input: { max: number; default: number; what: string }) {
  return setting({
    schema: z
      .string()
      .regex(/^\d+(\.\d+)?$/)
      .transform(Number)
      .pipe(z.number().max(input.max)),
    expected: `${input.what}, a number from 0 to ${input.max}`,
    default: String(input.default),
  });
}

/** Prefixes match any key that begins with them, so a prefix without a final `/` would match its neighbours. */
const PREFIX = z
  .string()
  .regex(/^[^/].*\/$/)
  .max(512);
const prefixSetting = (defaultPrefix: string) =>
  setting({
    schema: PREFIX,
    expected: 'a key prefix that ends with "/" and does not begin with it',
    default: defaultPrefix,
  });

const QUEUE_URL = z
  .string()
  .regex(/^https?:\/\/[^/]+\/\d{12}\/[A-Za-z0-9_.-]+$/)
  .max(2048);
const QUEUE_URL_EXPECTED = 'a queue URL such as https://sqs.eu-west-1.amazonaws.com/123456789012/sparkify-ingest';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const READERS = z
  .string()
  .max(2048)
  .regex(/^(?:group|role):[A-Za-z_][\w$-]{0,126}(?:,(?:group|role):[A-Za-z_][\w$-]{0,126})*$/)
  .transform((text) =>
    text.split(',').map((reader) => {
      const [kind, name = ''] = reader.split(':');
      return { kind: kind === 'role' ? ('role' as const) : ('group' as const), name };
    }),
  );

export const SETTINGS = {
  AWS_REGION: setting({
    schema: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/),
    expected: 'the region of bucket, queue and warehouse, such as eu-west-1',
    default: null,
  }),
  SPARKIFY_BUCKET: setting({
    schema: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
    expected: 'a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens, without s3://',
    default: null,
  }),
  SPARKIFY_LOG_PREFIX: prefixSetting('log_data/'),
  SPARKIFY_LOG_JSONPATHS: setting({
    // Another scheme is a mistake, not a path.
    schema: z
      .string()
      .max(2048)
      .regex(/^(?:s3:\/\/[^/]+\/.+|(?![a-zA-Z0-9+.-]+:\/\/).+)$/s),
    expected: 's3://bucket/key or the path of a local file: a JSONPaths file with the keys of the logs',
    default: null,
  }),
  SPARKIFY_SONG_PREFIX: prefixSetting('song_data/'),
  SPARKIFY_WORK_PREFIX: prefixSetting('sparkify-work/'),
  SPARKIFY_ON_DELETE: setting({
    schema: z.enum(['keep', 'remove']),
    expected: 'keep or remove: what happens to the rows of a deleted object',
    default: 'keep',
  }),
  SPARKIFY_QUEUE_URL: setting({ schema: QUEUE_URL, expected: QUEUE_URL_EXPECTED, default: null }),
  SPARKIFY_DEAD_LETTER_QUEUE_URL: setting({ schema: QUEUE_URL, expected: QUEUE_URL_EXPECTED, default: null }),
  SPARKIFY_SCHEMA: setting({
    schema: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/),
    expected: 'a schema name: a lower-case letter, then up to 62 lower-case letters, digits or underscores',
    default: 'sparkify',
  }),
  SPARKIFY_READERS: setting({
    schema: READERS,
    expected: 'groups and roles of the database that may read the five tables: group:analysts,role:dashboards',
    default: null,
  }),
  SPARKIFY_CLUSTER_IDENTIFIER: setting({
    schema: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
    expected: 'the identifier of a Redshift cluster (or leave it out and set SPARKIFY_WORKGROUP_NAME)',
    default: null,
  }),
  SPARKIFY_WORKGROUP_NAME: setting({
    schema: z.string().regex(/^[a-z0-9-]{3,64}$/),
    expected: 'the name of a Redshift Serverless workgroup (or leave it out and set SPARKIFY_CLUSTER_IDENTIFIER)',
    default: null,
  }),
  SPARKIFY_DATABASE: setting({
    schema: z.string().min(1).max(64),
    expected: 'the name of the database in the cluster or workgroup',
    default: null,
  }),
  SPARKIFY_DB_USER: setting({
    schema: z.string().min(1).max(128),
    expected: 'a database user of the cluster (without it and without a secret, the IAM identity is the user)',
    default: null,
  }),
  SPARKIFY_SECRET_ARN: setting({
    schema: z.string().regex(/^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+$/),
    expected: 'the ARN of a Secrets Manager secret: arn:aws:secretsmanager:<region>:<account>:secret:<name>',
    default: null,
    secret: true,
  }),
  SPARKIFY_COPY_ROLE_ARN: setting({
    schema: z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/),
    expected: 'the ARN of the role that COPY uses to read the bucket: arn:aws:iam::<account>:role/<name>',
    default: null,
  }),
  SPARKIFY_LINGER_MS: integerSetting({
    min: 0,
    max: 900_000,
    default: 2_000,
    what: 'milliseconds that a batch waits for more files',
  }),
  SPARKIFY_BATCH_MAX_FILES: integerSetting({
    min: 1,
    max: 50_000,
    default: 5_000,
    what: 'the maximum number of files in a batch',
  }),
  SPARKIFY_BATCH_MAX_BYTES: integerSetting({
    min: 1_048_576,
    max: 1_099_511_627_776,
    default: 134_217_728,
    what: 'the maximum number of bytes in a batch',
  }),
  SPARKIFY_BATCH_MAX_AGE_MS: integerSetting({
    min: 100,
    max: 3_600_000,
    default: 30_000,
    what: 'milliseconds after which a batch closes by age',
  }),
  SPARKIFY_LOAD_INTERVAL_MS: integerSetting({
    min: 0,
    max: 900_000,
    default: 0,
    what: 'the minimum number of milliseconds between the starts of two rounds of loads',
  }),
  SPARKIFY_LOAD_REST: decimalSetting({
    max: 100,
    default: 1,
    what: 'the rest after loads, as a multiple of their running time in the warehouse',
  }),
  SPARKIFY_LOAD_REST_MAX_MS: integerSetting({
    min: 0,
    max: 900_000,
    default: 60_000,
    what: 'the maximum number of milliseconds of rest after a round of loads',
  }),
  SPARKIFY_MAX_HELD_FILES: integerSetting({
    min: 10,
    max: 200_000,
    default: 20_000,
    what: 'the maximum number of files held in memory, at which the intake stops',
  }),
  SPARKIFY_VISIBILITY_SECONDS: integerSetting({
    min: 10,
    max: 43_200,
    default: 120,
    what: 'seconds of the visibility timeout of a message (it is renewed until its batch is loaded)',
  }),
  SPARKIFY_DRAIN_SECONDS: integerSetting({
    min: 0,
    max: 3_600,
    default: 90,
    what: 'seconds that a stopping consumer waits for the load in flight',
  }),
  SPARKIFY_REJECTED_ROWS_MAX: integerSetting({
    min: 0,
    max: 100_000,
    default: 10_000,
    what: 'the maximum number of rejected rows of a batch that are stored with their text (all are counted)',
  }),
  SPARKIFY_CONSUMER_NAME: setting({
    schema: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
    expected: 'a name for this consumer: up to 64 letters, digits, dots, hyphens or underscores',
    default: null,
  }),
  SPARKIFY_LOG_LEVEL: setting({
    schema: z.enum(LOG_LEVELS),
    expected: `one of ${LOG_LEVELS.join(', ')}`,
    default: 'info',
  }),
} as const;

export type SettingName = keyof typeof SETTINGS;
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];
/** The parsed settings; `null` for a setting that is not set and has no default. */
export type SettingValues = { readonly [N in SettingName]: z.output<(typeof SETTINGS)[N]['schema']> | null };
