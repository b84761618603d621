import { describe, expect, it } from 'vitest';
import { OLD_SETTINGS } from '../../../infra/settings/old-settings.ts';
import { SETTINGS } from '../../../src/app/settings.ts';
import { refusalOf, settingsWith } from '../support/settings-source.ts';
import type { StackConfig } from '../support/settings-source.ts';

const SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:login-AbCdEf';
const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const WORKGROUP_ARN = 'arn:aws:redshift-serverless:eu-west-1:123456789012:workgroup/0f0e0d0c-1111';
const TOPIC = 'arn:aws:sns:us-east-1:123456789012:alarms';
const VPC = { vpcId: 'vpc-0123456789abcdef0', privateSubnetIds: ['subnet-01234567', 'subnet-89abcdef'] };
const EXISTING = { warehouse: 'existing', existingClusterIdentifier: 'analytics' };
const ELSEWHERE = { consumer: 'none', trustedPrincipalArns: ['arn:aws:iam::123456789012:role/runner'] };
const rm = (name: string) => `remove it (npx pulumi config rm ${name})`;
const remove = (name: string) => `Remove it (npx pulumi config rm ${name})`;

const REFUSALS: readonly (readonly [what: string, config: StackConfig, sentence: string])[] = [
  [
    'a name that is not a setting',
    { bucketForceDestory: true },
    'bucketForceDestory: unknown setting; did you mean bucketForceDestroy?',
  ],
  ['a name that is nothing like a setting', { xyzzy: 1 }, 'xyzzy: unknown setting; remove it'],
  ['a region that is not one', { region: 'Ireland' }, 'region: is "Ireland"; expected a region such as eu-west-1'],
  [
    'an account that is not one',
    { accountId: '1234' },
    'accountId: is "1234"; expected an account id of twelve digits, or nothing',
  ],
  [
    'a tag that AWS keeps for itself',
    { tags: ['aws:owner=me'] },
    'tags: is "[\\"aws:owner=me\\"]"; expected a list of different names, each name=value: a name of up to 128 and a value of up to 256 letters, digits, spaces or _.:/+-@',
  ],
  [
    'a bucket given as a URL',
    { existingBucket: 's3://music' },
    'existingBucket: is "s3://music"; expected a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens, without s3://, or nothing',
  ],
  [
    'a name of a bucket that is too long',
    { existingBucket: 'b'.repeat(64) },
    `existingBucket: is "${'b'.repeat(64)}"; expected a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens, without s3://, or nothing`,
  ],
  [
    'an existing bucket that is to be destroyed',
    { existingBucket: 'music', bucketForceDestroy: true },
    `bucketForceDestroy: is true, which has no meaning with existingBucket (music): the stack does not change a bucket that it did not create; ${rm('bucketForceDestroy')}`,
  ],
  [
    'an existing bucket that is to be versioned',
    { existingBucket: 'music', bucketVersioned: true },
    `bucketVersioned: is true, which has no meaning with existingBucket (music): the stack does not change a bucket that it did not create; ${rm('bucketVersioned')}`,
  ],
  [
    'how an existing bucket announces files, without one',
    { existingBucketEvents: 'own' },
    `existingBucketEvents: is "own", which has no meaning without existingBucket; ${rm('existingBucketEvents')}`,
  ],
  [
    'a key for a bucket that the stack makes',
    { bucketKmsKeyArn: KEY },
    `bucketKmsKeyArn: is "${KEY}", which has no meaning without existingBucket; ${rm('bucketKmsKeyArn')}`,
  ],
  [
    'a key of another region than its bucket',
    { existingBucket: 'music', region: 'eu-central-1', bucketKmsKeyArn: KEY },
    `bucketKmsKeyArn: is "${KEY}" in eu-west-1; it must be in the region of the stack, which is eu-central-1`,
  ],
  [
    'a prefix without its slash',
    { logPrefix: 'logs' },
    'logPrefix: is "logs"; expected a key prefix that ends with "/" and does not begin with it',
  ],
  [
    'prefixes that overlap',
    { workPrefix: 'log_data/work/' },
    'logPrefix: is "log_data/", which overlaps with workPrefix "log_data/work/"; a file must belong to only one of them',
  ],
  [
    'a JSONPaths file among the logs',
    { logJsonpathsKey: 'log_data/paths.json' },
    'logJsonpathsKey: is "log_data/paths.json", which lies below logPrefix "log_data/"; name an object outside the prefixes',
  ],
  [
    'a lease that is shorter than a drain',
    { visibilitySeconds: 20 },
    'visibilitySeconds: is 20; it must be greater than drainSeconds, which is 90',
  ],
  [
    'a VPC of addresses that begin elsewhere',
    { vpcCidr: '10.0.0.1/24' },
    'vpcCidr: is "10.0.0.1/24"; expected a private range of /16 to /26 such as 10.42.0.0/24, written with its first address',
  ],
  [
    'a zone of another region',
    { availabilityZones: ['eu-west-1a', 'us-east-1b'] },
    'availabilityZones: has us-east-1b; expected zones of eu-west-1',
  ],
  [
    'the same zone twice',
    { availabilityZones: ['eu-west-1a', 'eu-west-1a'] },
    'availabilityZones: is ["eu-west-1a","eu-west-1a"]; expected at least 2 different zones',
  ],
  [
    'subnets without their VPC',
    { privateSubnetIds: ['subnet-01234567'] },
    `privateSubnetIds: is ["subnet-01234567"], which has no meaning without vpcId; ${rm('privateSubnetIds')}`,
  ],
  [
    'a VPC with addresses for a new one',
    { ...VPC, vpcCidr: '10.1.0.0/16' },
    `vpcCidr: is "10.1.0.0/16", which has no meaning with vpcId (vpc-0123456789abcdef0); ${rm('vpcCidr')}`,
  ],
  [
    'a VPC with too few subnets',
    { vpcId: VPC.vpcId },
    'privateSubnetIds: names 0 subnets; expected at least 2 in different zones, with vpcId and warehouse cluster',
  ],
  [
    'a workgroup in two subnets',
    { ...VPC, warehouse: 'serverless' },
    'privateSubnetIds: names 2 subnets; expected at least 3 in different zones, with vpcId and warehouse serverless',
  ],
  [
    'Serverless with a node type',
    { warehouse: 'serverless', nodeType: 'ra3.4xlarge' },
    `nodeType: is "ra3.4xlarge", which has no meaning with warehouse serverless; ${rm('nodeType')}`,
  ],
  [
    'a cluster with RPUs',
    { baseCapacity: 16 },
    `baseCapacity: is 16, which has no meaning with warehouse cluster; ${rm('baseCapacity')}`,
  ],
  ['a node type that is not one', { nodeType: 'ra3' }, 'nodeType: is "ra3"; expected a node type such as ra3.large'],
  [
    'running hours without a pause',
    { runningHours: '20:00-20:00 mon-fri' },
    'runningHours: is "20:00-20:00 mon-fri"; expected two different times, or nothing for a cluster that always runs',
  ],
  [
    'running hours without days',
    { runningHours: '06:00-20:00' },
    'runningHours: is "06:00-20:00"; expected hours and days such as 06:00-20:00 mon-fri, or nothing',
  ],
  [
    'RPUs between the steps',
    { warehouse: 'serverless', baseCapacity: 12 },
    'baseCapacity: is 12; expected 4, or a multiple of 8',
  ],
  [
    'a name of a database that is too long',
    { database: 'd'.repeat(64) },
    `database: is "${'d'.repeat(64)}"; expected a lower-case letter, then up to 62 lower-case letters, digits or underscores`,
  ],
  [
    'a schema that SQL would have to quote',
    { schema: 'Sparkify' },
    'schema: is "Sparkify"; expected a schema name: a lower-case letter, then up to 62 lower-case letters, digits or underscores',
  ],
  [
    'an existing warehouse without its name',
    { warehouse: 'existing' },
    'existingClusterIdentifier: is not set, and neither is existingWorkgroupName; with warehouse existing, set one of the two',
  ],
  [
    'two existing warehouses',
    { ...EXISTING, existingWorkgroupName: 'adhoc', existingWorkgroupArn: WORKGROUP_ARN },
    'existingClusterIdentifier: is "analytics" and existingWorkgroupName is "adhoc"; set only one of the two',
  ],
  [
    'an existing workgroup without its ARN',
    { warehouse: 'existing', existingWorkgroupName: 'adhoc' },
    'existingWorkgroupArn: is not set; look it up with aws redshift-serverless get-workgroup --workgroup-name adhoc',
  ],
  [
    'a secret of another region',
    { ...EXISTING, region: 'eu-central-1', serviceSecretArn: SECRET },
    `serviceSecretArn: is "${SECRET}" in eu-west-1; it must be in the region of the stack, which is eu-central-1`,
  ],
  [
    'an administrator for a user that exists',
    { ...EXISTING, serviceSecretArn: SECRET, adminSecretArn: SECRET },
    `adminSecretArn: is "${SECRET}", which has no meaning with serviceSecretArn, whose secret names an existing user; ${rm('adminSecretArn')}`,
  ],
  [
    'an existing cluster beside a new one',
    { existingClusterIdentifier: 'analytics' },
    `existingClusterIdentifier: is "analytics", which has no meaning with warehouse cluster; ${rm('existingClusterIdentifier')}`,
  ],
  [
    'no consumer and nobody to run it',
    { consumer: 'none' },
    'trustedPrincipalArns: is empty; with consumer none, name the roles or users that run the service',
  ],
  [
    'an image for no consumer',
    { ...ELSEWHERE, image: 'example.com/sparkify:1.2.3' },
    `image: is "example.com/sparkify:1.2.3", which has no meaning with consumer none; ${rm('image')}`,
  ],
  [
    'an image that becomes another',
    { image: 'example.com/sparkify:latest' },
    'image: is "example.com/sparkify:latest"; name a version or a digest, so that a restarted task runs the same program',
  ],
  ['CPU that Fargate does not have', { cpu: 300 }, 'cpu: is 300; expected one of 256, 512, 1024, 2048, 4096'],
  [
    'memory that does not go with the CPU',
    { cpu: 256, memoryMb: 4096 },
    'memoryMb: is 4096; expected 512 to 2048 in steps of 512, which Fargate offers with cpu 256',
  ],
  [
    'a drain longer than Fargate waits',
    { drainSeconds: 115 },
    'drainSeconds: is 115; expected at most 110, because Fargate kills a stopping task after 120 s',
  ],
  [
    'a network where nothing is in one',
    { ...EXISTING, ...ELSEWHERE, vpcCidr: '10.1.0.0/16' },
    `vpcCidr: is "10.1.0.0/16", which has no meaning with warehouse existing and consumer none: the stack needs no network; ${rm('vpcCidr')}`,
  ],
  [
    'an e-mail address that is not one',
    { alarmEmail: 'ops@' },
    'alarmEmail: is "ops@"; expected an e-mail address, or nothing',
  ],
  [
    'two targets of alarms',
    { alarmEmail: 'ops@example.com', alarmTopicArn: TOPIC, region: 'us-east-1' },
    'alarmTopicArn: and alarmEmail exclude each other; subscribe the address to the topic',
  ],
  [
    'a topic of another region',
    { alarmTopicArn: TOPIC },
    `alarmTopicArn: is "${TOPIC}" in us-east-1; expected a topic in eu-west-1, the region of the alarms`,
  ],
  [
    'a list that is not one',
    { availabilityZones: 'eu-west-1a' },
    'availabilityZones: is "eu-west-1a"; expected a list, each a zone of the region, such as eu-west-1a',
  ],
  [
    'security groups of no consumer',
    { ...VPC, ...ELSEWHERE, consumerSecurityGroupIds: ['sg-01234567'] },
    `consumerSecurityGroupIds: is ["sg-01234567"], which has no meaning with consumer none; ${rm('consumerSecurityGroupIds')}`,
  ],
  [
    'a user of an existing workgroup',
    { warehouse: 'existing', existingWorkgroupName: 'adhoc', existingWorkgroupArn: WORKGROUP_ARN, dbUser: 'loader' },
    `dbUser: is "loader", which has no meaning with a workgroup, in which the role of the service is its user; ${rm('dbUser')}`,
  ],
  [
    'a linger longer than a batch lives',
    { lingerMs: 40_000 },
    'consumerEnvironment: SPARKIFY_BATCH_MAX_AGE_MS is 30000; it must not be less than lingerMs, which is 40000',
  ],
  [
    'a batch larger than what may be held',
    { consumerEnvironment: ['SPARKIFY_BATCH_MAX_FILES=30000'] },
    'consumerEnvironment: SPARKIFY_MAX_HELD_FILES is 20000; it must not be less than SPARKIFY_BATCH_MAX_FILES, which is 30000',
  ],
  [
    'a value that the service would refuse',
    { consumerEnvironment: ['SPARKIFY_LOAD_REST=fast'] },
    `consumerEnvironment: SPARKIFY_LOAD_REST is "fast"; expected ${SETTINGS.SPARKIFY_LOAD_REST.expected}`,
  ],
  [
    'a name that the service does not know',
    { consumerEnvironment: ['SPARKIFY_LOAD_RESTS=4'] },
    'consumerEnvironment: SPARKIFY_LOAD_RESTS is not one of its names; did you mean SPARKIFY_LOAD_REST?',
  ],
  [
    'a setting of the service that the stack has too',
    { consumerEnvironment: ['SPARKIFY_LINGER_MS=4'] },
    'consumerEnvironment: SPARKIFY_LINGER_MS is not one of its names; set lingerMs instead',
  ],
  [
    'a setting of the service that follows from the stack',
    { consumerEnvironment: ['SPARKIFY_BUCKET=music'] },
    'consumerEnvironment: SPARKIFY_BUCKET is not one of its names; the stack sets it',
  ],
  ['a flag that is neither true nor false', { protect: 'yes' }, 'protect: is "yes"; expected true or false'],
];

describe('a stack with an old setting is refused with what became of it', () => {
  it.each(Object.entries(OLD_SETTINGS))('%s', (name, what) => {
    expect(refusalOf({ [name]: '1' })).toEqual([`${name}: is an old setting: ${what}. ${remove(name)}`]);
  });
});

describe('a stack with wrong settings is refused', () => {
  it.each(REFUSALS)('%s', (_what, config, sentence) => {
    expect(refusalOf(config)).toContain(sentence);
  });

  it('with all problems at once, each with its name, and before anything is created', () => {
    const config = {
      warehouse: 'serverless',
      nodeType: 'ra3.4xlarge',
      alarmEmail: 'ops',
      existingBucket: 'music',
      bucketForceDestroy: true,
    };
    expect(refusalOf(config)).toHaveLength(3);
    expect(() => settingsWith(config)).toThrow(
      /^3 settings of the stack are wrong .*nothing was created:\n {2}alarmEmail: /,
    );
  });

  it('once for each problem: a wrong value is not also compared with others', () => {
    const { expected } = SETTINGS.SPARKIFY_VISIBILITY_SECONDS;
    expect(refusalOf({ visibilitySeconds: 5 })).toEqual([`visibilitySeconds: is "5"; expected ${expected}`]);
  });
});
