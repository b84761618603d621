import { SETTINGS } from '../../src/app/settings.ts';
import { choice, integer, list, optionalText, pairs } from '../../src/settings/kinds.ts';
import { PASSED_ON } from './of-service.ts';

/** Settings of the running service. */
export function consumer() {
  return {
    consumer: {
      description: 'fargate: the stack runs the consumer. none: you run it elsewhere (see trustedPrincipalArns).',
      ...choice({ words: ['fargate', 'none'], default: 'fargate' }),
    },
    trustedPrincipalArns: {
      description:
        'Roles and users that may assume the role of the service, to run the consumer elsewhere or commands by hand.',
      ...list({ expected: 'the ARN of a role or user', pattern: /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/\S+$/ }),
    },
    image: {
      description: 'A ready image for arm64. Without it the stack builds one from the Dockerfile.',
      ...optionalText({
        expected:
          'an image with a tag or a digest, such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com/sparkify:1.2.3',
        pattern: /^[a-z0-9][a-z0-9._/:-]*(:[\w][\w.-]{0,127}|@sha256:[0-9a-f]{64})$/,
      }),
    },
    cpu: {
      description: 'CPU units of a task. 1024 units are one vCPU.',
      ...integer({ what: 'CPU units', min: 256, max: 4096, default: 512 }),
    },
    memoryMb: {
      description: 'Memory of a task in MiB.',
      ...integer({ what: 'MiB', min: 512, max: 30_720, default: 1024 }),
    },
    consumerCount: {
      description: 'Number of consumers. More than one is for availability.',
      ...integer({ what: 'tasks', min: 1, max: 10, default: 1 }),
    },
  };
}

/** Settings of the service that the stack uses too, and the list of settings that it passes on. */
export function batching() {
  return {
    lingerMs: {
      ...SETTINGS.SPARKIFY_LINGER_MS,
      description: 'Milliseconds for which an idle batch waits for more files.',
    },
    loadIntervalMs: {
      ...SETTINGS.SPARKIFY_LOAD_INTERVAL_MS,
      description: 'Milliseconds from the start of a round of loads to the start of the next one, at least.',
    },
    drainSeconds: {
      ...SETTINGS.SPARKIFY_DRAIN_SECONDS,
      description: 'Seconds that a stopping consumer gives the load in flight.',
    },
    consumerEnvironment: {
      description: `Other settings of the service, each NAME=value (docs/config.reference.env): ${PASSED_ON.join(', ')}.`,
      ...pairs({
        expected: 'NAME=value, such as SPARKIFY_LOAD_REST=4',
        pattern: /^[A-Z][A-Z_]*=.*$/,
      }),
    },
  };
}

/** Settings of alarms. */
export function watching() {
  return {
    alarmEmail: {
      description: 'Address to which alarms are sent. AWS asks the address to confirm once.',
      ...optionalText({ expected: 'an e-mail address', pattern: /^[^\s@<>,;"]+@[^\s@<>,;".]+(\.[^\s@<>,;".]+)+$/ }),
    },
    alarmTopicArn: {
      description: 'SNS topic to which alarms are sent, instead of an address.',
      ...optionalText({
        expected: 'the ARN of an SNS topic',
        pattern: /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/,
      }),
    },
    oldestMessageMinutes: {
      description: 'Minutes for which the oldest message may wait before an alarm.',
      ...integer({ what: 'minutes', min: 1, max: 1440, default: 15 }),
    },
  };
}
