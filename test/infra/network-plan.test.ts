import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cidrContains, cidrSize, cidrText, cidrsOverlap, parseCidr } from '../../infra/plan/cidr.ts';
import type { Cidr } from '../../infra/plan/cidr.ts';
import { accountOnly, bucketAndLayers } from '../../infra/plan/network/endpoint-policies.ts';
import { endpointsOf, pullsFromEcr } from '../../infra/plan/network/endpoints.ts';
import { subnetCidrs } from '../../infra/plan/network/subnet-cidrs.ts';
import type { StackConfig } from './support/settings-source.ts';
import { settingsWith } from './support/settings-source.ts';

const vpcs: fc.Arbitrary<Cidr> = fc
  .record({ bits: fc.integer({ min: 16, max: 26 }), block: fc.nat() })
  .map(({ bits, block }) => ({ bits, first: (block % 2 ** bits) * 2 ** (32 - bits) }));

function ranges(vpc: Cidr, zones: number): readonly Cidr[] {
  return subnetCidrs(cidrText(vpc), zones).map((text) => {
    const range = parseCidr(text);
    if (range === null) throw new Error(`${text} is no range`);
    return range;
  });
}

describe('subnets of a VPC', () => {
  it('lie in the VPC, overlap with no other, are equal and leave less than half of it unused', () => {
    fc.assert(
      fc.property(vpcs, fc.integer({ min: 1, max: 4 }), (vpc, zones) => {
        const subnets = ranges(vpc, zones);
        expect(subnets).toHaveLength(zones);
        for (const [index, subnet] of subnets.entries()) {
          expect(cidrContains(vpc, subnet)).toBe(true);
          expect(subnet.bits).toBe(subnets[0]?.bits);
          for (const other of subnets.slice(index + 1)) expect(cidrsOverlap(subnet, other)).toBe(false);
        }
        const used = subnets.reduce((sum, subnet) => sum + cidrSize(subnet), 0);
        expect(used * 2).toBeGreaterThan(cidrSize(vpc));
      }),
    );
  });

  it('stay where they are when a fourth zone comes to three', () => {
    fc.assert(
      fc.property(vpcs, (vpc) => {
        expect(ranges(vpc, 4).slice(0, 3)).toEqual(ranges(vpc, 3));
      }),
    );
  });

  it('are refused where AWS would find them too small', () => {
    expect(subnetCidrs('10.0.0.0/26', 4)).toEqual(['10.0.0.0/28', '10.0.0.16/28', '10.0.0.32/28', '10.0.0.48/28']);
    expect(() => subnetCidrs('10.0.0.0/26', 5)).toThrow('10.0.0.0/26 has no room for 5 subnets of /28');
    expect(() => subnetCidrs('10.0.0.1/26', 2)).toThrow('10.0.0.1/26 is no range');
  });
});

const RUNNER: StackConfig = { consumer: 'none', trustedPrincipalArns: ['arn:aws:iam::123456789012:role/runner'] };
const EXISTING: StackConfig = { warehouse: 'existing', existingClusterIdentifier: 'analytics' };
const services = (config: StackConfig) => endpointsOf(settingsWith(config)).map(({ service }) => service);

describe('endpoints', () => {
  it('are those that the consumer and COPY use: no other is paid for', () => {
    expect(services({})).toEqual(['s3', 'sqs', 'redshift-data', 'logs', 'ecr.api', 'ecr.dkr']);
  });

  it('need a reason each', () => {
    for (const { reason } of endpointsOf(settingsWith({}))) expect(reason).not.toBe('');
  });

  it('are not there in a VPC of somebody else', () => {
    expect(services({ vpcId: 'vpc-01234567', privateSubnetIds: ['subnet-01234567', 'subnet-89abcdef'] })).toEqual([]);
  });

  it('are S3 alone when only COPY needs a way, and none when it needs none', () => {
    expect(services(RUNNER)).toEqual(['s3']);
    expect(services({ ...RUNNER, enhancedVpcRouting: false })).toEqual([]);
    expect(services({ ...RUNNER, ...EXISTING })).toEqual([]);
  });

  it('have a way to S3 for the consumer of an existing warehouse too', () => {
    expect(services(EXISTING)).toContain('s3');
  });

  it('have no way to ECR for an image that is not there', () => {
    const image = 'example.com/sparkify:1.2.3';
    expect(pullsFromEcr(image)).toBe(false);
    expect(services({ image }).filter((service) => service.startsWith('ecr'))).toEqual([]);
    expect(services({ image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/sparkify:1' })).toContain('ecr.dkr');
  });

  it('have a way to Secrets Manager when the service logs in with a secret', () => {
    const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:login-AbCdEf';
    expect(services({ ...EXISTING, serviceSecretArn: secret })).toContain('secretsmanager');
    expect(services(EXISTING)).not.toContain('secretsmanager');
  });

  it('let nobody through but principals of the account, and to S3 nobody but to the bucket', () => {
    const place = { partition: 'aws', region: 'eu-west-1', bucketArn: 'arn:aws:s3:::b' };
    const own = { StringEquals: { 'aws:PrincipalAccount': '123456789012' } };
    for (const { Condition } of accountOnly('123456789012').Statement) expect(Condition).toEqual(own);
    const [bucket, layers] = bucketAndLayers({ ...place, layers: true }).Statement;
    expect(bucket).toMatchObject({ Resource: ['arn:aws:s3:::b', 'arn:aws:s3:::b/*'] });
    // Fargate reads layers with links that ECR signs.
    expect(layers).toMatchObject({
      Action: ['s3:GetObject'],
      Resource: ['arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*'],
    });
    expect(bucketAndLayers({ ...place, layers: false }).Statement).toHaveLength(1);
  });
});
