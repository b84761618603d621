import { describe, expect, it } from 'vitest';
import { copyRolePolicy } from '../../../infra/permissions/copy-role.ts';
import { executionRolePolicy, repositoryArnOf } from '../../../infra/permissions/execution-role.ts';
import type { Policy } from '../../../infra/aws/policy.ts';
import { serviceRolePolicy, serviceTrustPolicy } from '../../../infra/permissions/service-role.ts';

const KEY = { arn: 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd', region: 'eu-west-1' };
const PLACE = {
  bucketArn: 'arn:aws:s3:::music',
  logPrefix: 'logs/',
  logJsonpathsKey: null,
  songPrefix: 'songs/',
  workPrefix: 'work/',
};

function service(key: typeof KEY | null): Policy {
  return serviceRolePolicy({
    data: { ...PLACE, key },
    queueArn: 'arn:aws:sqs:eu-west-1:123456789012:files',
    deadLetterQueueArn: 'arn:aws:sqs:eu-west-1:123456789012:dead-letters',
    login: { kind: 'workgroup-role', workgroupArn: 'arn:aws:redshift-serverless:eu-west-1:123456789012:workgroup/1' },
  });
}

function keyActions({ Statement }: Policy): readonly string[] {
  return Statement.flatMap(({ Action }) => Action).filter((action) => action.startsWith('kms:'));
}

describe('a key of KMS', () => {
  it('is granted to the service for reading and writing and to COPY for reading, and to no role without a key', () => {
    expect(keyActions(service(KEY))).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
    expect(keyActions(copyRolePolicy({ ...PLACE, key: KEY }))).toEqual(['kms:Decrypt']);
    expect(keyActions(service(null))).toEqual([]);
    expect(keyActions(copyRolePolicy({ ...PLACE, key: null }))).toEqual([]);
  });

  it('is granted through S3 only', () => {
    const ofKey = service(KEY).Statement.find(({ Sid }) => Sid === 'KeyOfFiles');
    expect(ofKey).toMatchObject({
      Resource: [KEY.arn],
      Condition: { StringEquals: { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' } },
    });
  });
});

describe('the role that starts tasks', () => {
  it.each([
    [
      '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/sparkify:1.2.3',
      'arn:aws:ecr:eu-west-1:123456789012:repository/team/sparkify',
    ],
    [
      `123456789012.dkr.ecr.us-east-1.amazonaws.com/sparkify@sha256:${'a'.repeat(64)}`,
      'arn:aws:ecr:us-east-1:123456789012:repository/sparkify',
    ],
    ['public.ecr.aws/team/sparkify:1.2.3', null],
    ['ghcr.io/team/sparkify:1.2.3', null],
  ])('pulls %s from %s', (image, repositoryArn) => {
    expect(repositoryArnOf(image, 'aws')).toBe(repositoryArn);
  });

  it('has no permission for ECR when the image is elsewhere', () => {
    const { Statement } = executionRolePolicy({
      repositoryArn: null,
      logGroupArn: 'arn:aws:logs:eu-west-1:123456789012:log-group:x',
    });
    expect(Statement.flatMap(({ Action }) => Action).filter((action) => action.startsWith('ecr:'))).toEqual([]);
  });
});

describe('the role of the service', () => {
  it('trusts tasks of this account where the stack runs them, and the principals in the settings', () => {
    const trusted = ['arn:aws:iam::123456789012:role/runner'];
    const account = '123456789012';
    const ecsArn = 'arn:aws:ecs:eu-west-1:123456789012:*';
    const principals = (policy: Policy) => policy.Statement.map(({ Principal }) => Principal);
    expect(principals(serviceTrustPolicy({ ecsArn, account, trustedPrincipalArns: [] }))).toEqual([
      { Service: 'ecs-tasks.amazonaws.com' },
    ]);
    expect(principals(serviceTrustPolicy({ ecsArn: null, account, trustedPrincipalArns: trusted }))).toEqual([
      { AWS: trusted },
    ]);
  });
});
