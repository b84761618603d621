import { choice, flag, integer, list, optionalText } from './kinds.ts';
import { decimalOfService, numberOfService, ofService } from './of-service.ts';

/** Settings of the running service. */
export function consumer() {
  return {
    consumer: choice({
      description: 'fargate: the stack runs the consumer. none: you run it elsewhere, see trustedPrincipalArns.',
      words: ['fargate', 'none'],
      default: 'fargate',
    }),
    trustedPrincipalArns: list({
      description:
        'Roles and users that may take the role of the service, to run it elsewhere or its commands by hand.',
      expected: 'the ARN of a role or user',
      pattern: /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/\S+$/,
    }),
    image: optionalText({
      description: 'A ready image for arm64; without it the stack builds one from the Dockerfile.',
      expected: 'an image with a tag or a digest, such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com/sparkify:1.2.3',
      pattern: /^[a-z0-9][a-z0-9._/:-]*(:[\w][\w.-]{0,127}|@sha256:[0-9a-f]{64})$/,
    }),
    cpu: integer({
      description: 'CPU units of a task; 1024 are one vCPU.',
      what: 'CPU units',
      min: 256,
      max: 4096,
      default: 512,
    }),
    memoryMb: integer({ description: 'Memory of a task in MiB.', what: 'MiB', min: 512, max: 30_720, default: 1024 }),
    consumerCount: integer({
      description: 'Consumers; more than one is for availability.',
      what: 'tasks',
      min: 1,
      max: 10,
      default: 1,
    }),
    logRetentionDays: integer({
      description: 'Days for which logs are kept.',
      what: 'days',
      min: 1,
      max: 3653,
      default: 30,
    }),
  };
}

/** Settings that the service takes over as they are. */
export function batching() {
  return {
    lingerMs: numberOfService('SPARKIFY_LINGER_MS', 'Milliseconds an idle batch waits for company.'),
    batchMaxFiles: numberOfService('SPARKIFY_BATCH_MAX_FILES', 'Files in a batch at most.'),
    batchMaxBytes: numberOfService('SPARKIFY_BATCH_MAX_BYTES', 'Bytes of the files in a batch at most.'),
    batchMaxAgeMs: numberOfService('SPARKIFY_BATCH_MAX_AGE_MS', 'Milliseconds after which a batch closes by age.'),
    loadIntervalMs: numberOfService(
      'SPARKIFY_LOAD_INTERVAL_MS',
      'Milliseconds from the start of a round of loads to the start of the next one at least.',
    ),
    loadRest: decimalOfService(
      'SPARKIFY_LOAD_REST',
      'How long loads rest, as a multiple of the time for which they ran in the warehouse.',
    ),
    loadRestMaxMs: numberOfService('SPARKIFY_LOAD_REST_MAX_MS', 'Milliseconds of rest after a round at most.'),
    maxHeldFiles: numberOfService('SPARKIFY_MAX_HELD_FILES', 'Files held in memory at most.'),
    drainSeconds: numberOfService('SPARKIFY_DRAIN_SECONDS', 'Seconds a stopping consumer gives the load in flight.'),
    rejectedRowsMax: numberOfService('SPARKIFY_REJECTED_ROWS_MAX', 'Rejected rows of a batch kept with their text.'),
    logLevel: ofService('SPARKIFY_LOG_LEVEL', 'debug, info, warn or error.'),
  };
}

/** Settings of alarms and the dashboard. */
export function watching() {
  return {
    alarmEmail: optionalText({
      description: 'Address that alarms are sent to (AWS asks it to confirm once).',
      expected: 'an e-mail address',
      pattern: /^[^\s@<>,;"]+@[^\s@<>,;".]+(\.[^\s@<>,;".]+)+$/,
    }),
    alarmTopicArn: optionalText({
      description: 'SNS topic that alarms are sent to, instead of an address.',
      expected: 'the ARN of an SNS topic',
      pattern: /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/,
    }),
    oldestMessageMinutes: integer({
      description: 'Alarm when the oldest message has waited this long.',
      what: 'minutes',
      min: 1,
      max: 1440,
      default: 15,
    }),
    dashboard: flag({ description: 'Make a dashboard.', default: true }),
  };
}
