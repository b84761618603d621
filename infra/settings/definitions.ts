import { z } from 'zod';
import { batching, consumer, watching } from './consumer-definitions.ts';
import { choice, flag, integer, list, optionalText, pairs, text } from './kinds.ts';
import type { Definition } from './kinds.ts';
import { numberOfService, ofService } from './of-service.ts';
import { existingWarehouse, warehouse } from './warehouse-definitions.ts';

const CIDR = /^[\d.]+\/\d+$/;

/** Every setting of the stack, in the order of `Pulumi.yaml`. */
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
/** What the settings are once parsed. */
export type StackSettingValues = {
  readonly [N in StackSettingName]: (typeof DEFINITIONS)[N] extends Definition<infer T> ? T : never;
};

function where() {
  return {
    region: text({
      description: 'AWS region of the stack.',
      expected: 'a region such as eu-west-1',
      pattern: /^[a-z]{2}(-[a-z]+)+-\d$/,
      default: 'eu-west-1',
    }),
    accountId: optionalText({
      description: 'The only account in which the stack may be created. Credentials of another account are refused.',
      expected: 'an account id of twelve digits',
      pattern: /^\d{12}$/,
    }),
    endpointUrl: optionalText({
      description: 'For an emulator: the URL of all AWS services.',
      expected: 'a URL such as http://localhost:4566',
      pattern: /^https?:\/\/[^\s/]+\/?$/,
    }),
    tags: pairs({
      description: 'Tags for every resource, each name=value.',
      expected: 'name=value: a name of up to 128 and a value of up to 256 letters, digits, spaces or _.:/+-@',
      pattern: /^(?!aws:)[\p{L}\p{N} _.:/+\-@]{1,128}=[\p{L}\p{N} _.:/=+\-@]{0,256}$/u,
      value: z.string(),
    }),
    protect: flag({
      description: 'Make Pulumi refuse to delete the bucket, the queues and the warehouse.',
      default: false,
    }),
  };
}

function data() {
  return {
    existingBucket: optionalText({
      description: 'Name of an existing bucket. Without it the stack creates one.',
      expected: 'a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens, without s3://',
      pattern: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    }),
    existingBucketEvents: choice({
      description:
        'How an existing bucket announces files. eventbridge: through EventBridge, which must be on; other notifications stay. own: the stack replaces all notifications of the bucket.',
      words: ['eventbridge', 'own'],
      default: 'eventbridge',
    }),
    bucketKmsKeyArn: optionalText({
      description:
        'Existing bucket: ARN of the KMS key that encrypts its files. Without it S3 encrypts them with its own key.',
      expected: 'the ARN of a key',
      pattern: /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/,
    }),
    bucketForceDestroy: flag({
      description: 'Empty and delete the bucket of the stack on destroy. Otherwise the bucket stays, with its files.',
      default: false,
    }),
    bucketVersioned: flag({ description: 'Keep old versions of overwritten and deleted files.', default: false }),
    logPrefix: ofService('SPARKIFY_LOG_PREFIX', 'Prefix of the activity logs.'),
    logJsonpathsKey: optionalText({
      description:
        'Key of a JSONPaths file in the bucket, for logs whose events have other keys. Put the file there first.',
      // What IAM reads as a pattern or a variable is left out: the role may read this one object.
      expected:
        'a key such as config/log_json_path.json: up to 1024 letters, digits and _.=/-, with no "/" at either end',
      pattern: /^(?!\/)[\w.=/-]{1,1024}(?<!\/)$/,
    }),
    songPrefix: ofService('SPARKIFY_SONG_PREFIX', 'Prefix of the song metadata.'),
    workPrefix: ofService('SPARKIFY_WORK_PREFIX', 'Prefix of the files that the service writes.'),
    onDelete: ofService(
      'SPARKIFY_ON_DELETE',
      'keep or remove: what happens to the rows of a deleted object. With remove the bucket announces deletions too.',
    ),
  };
}

function queue() {
  return {
    visibilitySeconds: numberOfService(
      'SPARKIFY_VISIBILITY_SECONDS',
      'Visibility timeout of a message in seconds, for the queue and the service.',
    ),
    retentionDays: integer({
      description: 'Days for which the queue keeps a message. An outage of the warehouse may last that long.',
      what: 'days',
      min: 1,
      max: 14,
      default: 10,
    }),
  };
}

function network() {
  const id = (what: string, prefix: string) => ({
    expected: `${what} such as ${prefix}-0123456789abcdef0`,
    pattern: new RegExp(`^${prefix}-[0-9a-f]{8,17}$`),
  });
  return {
    vpcId: optionalText({
      description: 'Id of an existing VPC. Without it the stack creates one.',
      ...id('the id of a VPC', 'vpc'),
    }),
    privateSubnetIds: list({
      description: 'Private subnets of the existing VPC, in at least two zones (three for Serverless).',
      ...id('the id of a subnet', 'subnet'),
    }),
    consumerSecurityGroupIds: list({
      description:
        'Security groups of the consumer in an existing VPC. Without them the stack creates one that allows no ingress.',
      ...id('the id of a security group', 'sg'),
    }),
    vpcCidr: text({
      description: 'CIDR block of the VPC of the stack.',
      expected: 'a private range of /16 to /26 such as 10.42.0.0/24, written with its first address',
      pattern: CIDR,
      default: '10.42.0.0/24',
    }),
    availabilityZones: list({
      description:
        'Availability Zones of the subnets. Without them a, b and, for Serverless, c of the region. AWS refuses a zone that the account does not have, and names the others.',
      expected: 'a zone of the region, such as eu-west-1a',
      pattern: /^[a-z]{2}(-[a-z]+)+-\d[a-z]$/,
    }),
    endpointZones: integer({
      description:
        'Number of zones with interface endpoints, which AWS bills by zone. 0: all. Tasks in other zones use the same endpoints.',
      what: 'zones',
      min: 0,
      max: 6,
      default: 0,
    }),
  };
}
