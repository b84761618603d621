import { SETTINGS } from '../../src/app/settings.ts';
import { choice, flag, integer, list, optionalText, pairs, text } from '../../src/settings/kinds.ts';
import type { ValuesOf } from '../../src/settings/read-values.ts';
import { batching, consumer, watching } from './consumer-definitions.ts';
import { existingWarehouse, warehouse } from './warehouse-definitions.ts';

const CIDR = /^[\d.]+\/\d+$/;

/**
 * Every setting of the stack, in the order of `Pulumi.yaml`, which declares the same types, defaults and descriptions; a test
 * holds the two together. A setting that the service has too is the service's own, with the words of the stack.
 */
export const DEFINITIONS = {
  ...where(),
  ...data(),
  ...queue(),
  ...network(),
  ...warehouse(),
  ...existingWarehouse(),
  ...consumer(),
  ...batching(),
  ...watching(),
};

export type StackSettingName = keyof typeof DEFINITIONS;
export const STACK_SETTING_NAMES = Object.keys(DEFINITIONS) as readonly StackSettingName[];
/** What the settings are once read. */
export type StackSettingValues = ValuesOf<typeof DEFINITIONS>;

function where() {
  return {
    region: {
      description: 'AWS region of the stack.',
      ...text({ expected: 'a region such as eu-west-1', pattern: /^[a-z]{2}(-[a-z]+)+-\d$/, default: 'eu-west-1' }),
    },
    accountId: {
      description: 'The only account in which the stack may be created. Credentials of another account are refused.',
      ...optionalText({ expected: 'an account id of twelve digits', pattern: /^\d{12}$/ }),
    },
    endpointUrl: {
      description: 'For an emulator: the URL of all AWS services.',
      ...optionalText({
        expected: 'a URL such as http://localhost:4566',
        pattern: /^https?:\/\/[^\s/]+\/?$/,
      }),
    },
    tags: {
      description: 'Tags for every resource, each name=value.',
      ...pairs({
        expected: 'name=value: a name of up to 128 and a value of up to 256 letters, digits, spaces or _.:/+-@',
        pattern: /^(?!aws:)[\p{L}\p{N} _.:/+\-@]{1,128}=[\p{L}\p{N} _.:/=+\-@]{0,256}$/u,
      }),
    },
    protect: {
      description: 'Make Pulumi refuse to delete the bucket, the queues and the warehouse.',
      ...flag({ default: false }),
    },
  };
}

function data() {
  return {
    existingBucket: {
      description: 'Name of an existing bucket. Without it the stack creates one.',
      ...optionalText({
        expected: 'a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens, without s3://',
        pattern: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
      }),
    },
    existingBucketEvents: {
      description:
        'How an existing bucket announces files. eventbridge: through EventBridge, which must be on; other notifications stay. own: the stack replaces all notifications of the bucket.',
      ...choice({ words: ['eventbridge', 'own'], default: 'eventbridge' }),
    },
    bucketKmsKeyArn: {
      description:
        'Existing bucket: ARN of the KMS key that encrypts its files. Without it S3 encrypts them with its own key.',
      ...optionalText({
        expected: 'the ARN of a key',
        pattern: /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/,
      }),
    },
    bucketForceDestroy: {
      description: 'Empty and delete the bucket of the stack on destroy. Otherwise the bucket stays, with its files.',
      ...flag({ default: false }),
    },
    bucketVersioned: {
      description: 'Keep old versions of overwritten and deleted files.',
      ...flag({ default: false }),
    },
    logPrefix: { ...SETTINGS.SPARKIFY_LOG_PREFIX, description: 'Prefix of the activity logs.' },
    logJsonpathsKey: {
      description:
        'Key of a JSONPaths file in the bucket, for logs whose events have other keys. Put the file there first.',
      ...optionalText({
        // What IAM reads as a pattern or a variable is left out: the role may read this one object.
        expected:
          'a key such as config/log_json_path.json: up to 1024 letters, digits and _.=/-, with no "/" at either end',
        pattern: /^(?!\/)[\w.=/-]{1,1024}(?<!\/)$/,
      }),
    },
    songPrefix: { ...SETTINGS.SPARKIFY_SONG_PREFIX, description: 'Prefix of the song metadata.' },
    workPrefix: { ...SETTINGS.SPARKIFY_WORK_PREFIX, description: 'Prefix of the files that the service writes.' },
    onDelete: {
      ...SETTINGS.SPARKIFY_ON_DELETE,
      description:
        'keep or remove: what happens to the rows of a deleted object. With remove the bucket announces deletions too.',
    },
  };
}

function queue() {
  return {
    visibilitySeconds: {
      ...SETTINGS.SPARKIFY_VISIBILITY_SECONDS,
      description: 'Visibility timeout of a message in seconds, for the queue and the service.',
    },
    retentionDays: {
      description: 'Days for which the queue keeps a message. An outage of the warehouse may last that long.',
      ...integer({ what: 'days', min: 1, max: 14, default: 10 }),
    },
  };
}

function network() {
  const id = (what: string, prefix: string) => ({
    expected: `${what} such as ${prefix}-0123456789abcdef0`,
    pattern: new RegExp(`^${prefix}-[0-9a-f]{8,17}$`),
  });
  return {
    vpcId: {
      description: 'Id of an existing VPC. Without it the stack creates one.',
      ...optionalText(id('the id of a VPC', 'vpc')),
    },
    privateSubnetIds: {
      description: 'Private subnets of the existing VPC, in at least two zones (three for Serverless).',
      ...list(id('the id of a subnet', 'subnet')),
    },
    consumerSecurityGroupIds: {
      description:
        'Security groups of the consumer in an existing VPC. Without them the stack creates one that allows no ingress.',
      ...list(id('the id of a security group', 'sg')),
    },
    vpcCidr: {
      description: 'CIDR block of the VPC of the stack.',
      ...text({
        expected: 'a private range of /16 to /26 such as 10.42.0.0/24, written with its first address',
        pattern: CIDR,
        default: '10.42.0.0/24',
      }),
    },
    availabilityZones: {
      description:
        'Availability Zones of the subnets. Without them a, b and, for Serverless, c of the region. AWS refuses a zone that the account does not have, and names the others.',
      ...list({ expected: 'a zone of the region, such as eu-west-1a', pattern: /^[a-z]{2}(-[a-z]+)+-\d[a-z]$/ }),
    },
    endpointZones: {
      description:
        'Number of zones with interface endpoints, which AWS bills by zone. 0: all. Tasks in other zones use the same endpoints.',
      ...integer({ what: 'zones', min: 0, max: 6, default: 0 }),
    },
  };
}
