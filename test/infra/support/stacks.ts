import type { StackConfig } from './settings-source.ts';

const SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:login-AbCdEf';
const RUNNER = ['arn:aws:iam::123456789012:role/runner'];
const WORKGROUP = {
  warehouse: 'existing',
  existingWorkgroupName: 'adhoc',
  existingWorkgroupArn:
    'arn:aws:redshift-serverless:eu-west-1:123456789012:workgroup/0f0e0d0c-1111-2222-3333-444444444444',
};
const CLUSTER = { warehouse: 'existing', existingClusterIdentifier: 'analytics', database: 'dwh', dbUser: 'loader' };
const subnets = (count: number) => Array.from({ length: count }, (_, index) => `subnet-0000000${index}`);

/** Stacks that between them take every branch: each kind of each part, and every switch both ways. */
export const STACKS = {
  'as it comes': {},
  'everything turned the other way': {
    region: 'us-east-2',
    accountId: '123456789012',
    tags: ['team=data', 'cost=music'],
    protect: true,
    bucketForceDestroy: true,
    bucketVersioned: true,
    onDelete: 'remove',
    nodeType: 'ra3.4xlarge',
    nodeCount: 4,
    runningHours: '06:00-20:00 mon-fri',
    snapshotOnDestroy: true,
    enhancedVpcRouting: false,
    trustedPrincipalArns: RUNNER,
    image: '123456789012.dkr.ecr.us-east-2.amazonaws.com/sparkify:1.2.3',
    alarmEmail: 'ops@example.com',
    consumerEnvironment: ['SPARKIFY_LOAD_REST=4', 'SPARKIFY_LOG_LEVEL=debug'],
  },
  Serverless: { warehouse: 'serverless', logPrefix: 'raw/logs/', logJsonpathsKey: 'raw/players.json' },
  'Serverless in an existing VPC': {
    warehouse: 'serverless',
    vpcId: 'vpc-0123456789abcdef0',
    privateSubnetIds: subnets(3),
    consumerSecurityGroupIds: ['sg-01234567'],
    image: 'example.com/sparkify:1.2.3',
  },
  'an existing cluster, whose user an administrator makes': { ...CLUSTER, existingBucket: 'music' },
  'an existing cluster, whose user the stack makes': {
    ...CLUSTER,
    adminSecretArn: SECRET,
    copyRoleArn: 'arn:aws:iam::123456789012:role/redshift-copy',
    existingBucket: 'music',
    existingBucketEvents: 'own',
    onDelete: 'remove',
    bucketKmsKeyArn: 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    vpcId: 'vpc-0123456789abcdef0',
    privateSubnetIds: subnets(2),
  },
  'an existing workgroup, with a secret': { ...WORKGROUP, serviceSecretArn: SECRET },
  'an existing workgroup, and no consumer': { ...WORKGROUP, consumer: 'none', trustedPrincipalArns: RUNNER },
  'a cluster, and no consumer': {
    consumer: 'none',
    trustedPrincipalArns: RUNNER,
    alarmTopicArn: 'arn:aws:sns:eu-west-1:123456789012:ops',
  },
  'an emulator': { endpointUrl: 'http://localhost:4566', region: 'us-east-1' },
} as const satisfies Readonly<Record<string, StackConfig>>;

export type StackName = keyof typeof STACKS;
export const STACK_NAMES = Object.keys(STACKS) as readonly StackName[];
