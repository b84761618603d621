import type { StackConfig } from '../../support/settings-source.ts';

const ACCOUNT = '123456789012';
const SECRET = `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:warehouse-login-AbCdEf`;
const EXISTING_NETWORK: StackConfig = {
  vpcId: 'vpc-0123456789abcdef0',
  privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
};

/** Settings under which the policies differ; each choice is there at least once. */
export const STACKS: Readonly<Record<string, StackConfig>> = {
  'a cluster, a bucket and a consumer of the stack': {},
  'a Serverless workgroup, logs with other keys': { warehouse: 'serverless', logJsonpathsKey: 'raw/players.json' },
  'a cluster with a schedule, a ready image, people who take the role, an alarm by e-mail': {
    runningHours: '06:00-20:00 mon-fri',
    image: `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/sparkify:1`,
    trustedPrincipalArns: [`arn:aws:iam::${ACCOUNT}:role/engineers`, `arn:aws:iam::${ACCOUNT}:user/night-shift`],
    alarmEmail: 'on-call@sparkify.example',
  },
  'a cluster whose COPY goes its own way, an image from elsewhere': {
    enhancedVpcRouting: false,
    image: 'registry.sparkify.example/sparkify:1',
    ...EXISTING_NETWORK,
  },
  'an existing cluster and an existing bucket with EventBridge, a consumer elsewhere': {
    warehouse: 'existing',
    existingClusterIdentifier: 'analytics',
    existingBucket: 'sparkify-raw',
    consumer: 'none',
    trustedPrincipalArns: [`arn:aws:iam::${ACCOUNT}:role/kubernetes`],
  },
  'an existing workgroup, an existing bucket with a key that notifies the queue itself, other prefixes': {
    warehouse: 'existing',
    existingWorkgroupName: 'analytics',
    existingWorkgroupArn: `arn:aws:redshift-serverless:eu-west-1:${ACCOUNT}:workgroup/0a0b0c0d-1111-2222-3333-444455556666`,
    existingBucket: 'sparkify-raw',
    existingBucketEvents: 'own',
    bucketKmsKeyArn: `arn:aws:kms:eu-west-1:${ACCOUNT}:key/0a0b0c0d-1111-2222-3333-444455556660`,
    logPrefix: 'raw/events/',
    songPrefix: 'raw/catalogue/',
    workPrefix: 'scratch/sparkify/',
    ...EXISTING_NETWORK,
  },
  'an existing cluster that is entered with a secret, with its own role for COPY': {
    warehouse: 'existing',
    existingClusterIdentifier: 'analytics',
    serviceSecretArn: SECRET,
    copyRoleArn: `arn:aws:iam::${ACCOUNT}:role/analytics-copy`,
  },
};
