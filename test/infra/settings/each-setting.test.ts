import { describe, expect, it } from 'vitest';
import { DEFINITIONS, STACK_SETTING_NAMES } from '../../../infra/settings/definitions.ts';
import { refusalOf } from '../support/settings-source.ts';
import type { StackConfig } from '../support/settings-source.ts';

const WORKGROUP_ARN = 'arn:aws:redshift-serverless:eu-west-1:123456789012:workgroup/0f0e0d0c-1111';
const VPC = { vpcId: 'vpc-0123456789abcdef0', privateSubnetIds: ['subnet-01234567', 'subnet-89abcdef'] };
const EXISTING = { warehouse: 'existing', existingClusterIdentifier: 'analytics' };
const ELSEWHERE = { consumer: 'none', trustedPrincipalArns: ['arn:aws:iam::123456789012:role/runner'] };

describe('a setting with a wrong value is refused with its name, the value and the expected form', () => {
  it.each(STACK_SETTING_NAMES)('%s', (name) => {
    const { expected } = DEFINITIONS[name];
    expect(refusalOf({ [name]: '?!' })).toContain(`${name}: is "?!"; expected ${expected}`);
  });
});

describe('a stack is accepted', () => {
  it.each([
    ['with nothing set', {}],
    ['on Serverless', { warehouse: 'serverless', baseCapacity: 4 }],
    ['on an existing cluster', EXISTING],
    [
      'on an existing workgroup',
      { warehouse: 'existing', existingWorkgroupName: 'adhoc', existingWorkgroupArn: WORKGROUP_ARN },
    ],
    ['with an existing VPC', VPC],
    ['with an existing bucket', { existingBucket: 'music', existingBucketEvents: 'own' }],
    ['without a consumer', ELSEWHERE],
    ['with neither consumer nor warehouse of its own', { ...EXISTING, ...ELSEWHERE }],
    ['with a node type that AWS may bring', { nodeType: 'rg.large' }],
    ['paused at night', { runningHours: '06:00-20:00 mon-fri' }],
    ['in a region with other zones', { region: 'us-west-1', availabilityZones: ['us-west-1b', 'us-west-1c'] }],
  ] as const)('%s', (_what, config: StackConfig) => {
    expect(refusalOf(config)).toEqual([]);
  });
});
