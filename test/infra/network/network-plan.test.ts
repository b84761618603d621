import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressesNeeded } from '../../../infra/network/addresses.ts';
import { cidrSize, cidrText, parseCidr } from '../../../infra/network/cidr.ts';
import type { Cidr } from '../../../infra/network/cidr.ts';
import { accountOnly, bucketAndLayers } from '../../../infra/network/endpoint-policies.ts';
import { endpointsOf } from '../../../infra/network/endpoints.ts';
import { isInEcr } from '../../../infra/network/interface-endpoints.ts';
import { subnetCidrs } from '../../../infra/network/subnet-cidrs.ts';
import type { StackConfig } from '../support/settings-source.ts';
import { settingsWith } from '../support/settings-source.ts';

const vpcs: fc.Arbitrary<Cidr> = fc
  .record({ bits: fc.integer({ min: 16, max: 26 }), block: fc.nat() })
  .map(({ bits, block }) => ({ bits, first: (block % 2 ** bits) * 2 ** (32 - bits) }));

function ranges(vpc: Cidr, zones: number): readonly Cidr[] {
  return subnetCidrs(cidrText(vpc), zones).map((text) => {
    const range = parseCidr(text);
    if (range === null) throw new Error(`${text} is not a range`);
    return range;
  });
}

const endOf = (range: Cidr) => range.first + cidrSize(range);

describe('subnets of a VPC', () => {
  it('lie in the VPC, overlap with no other, are equal and leave less than half of it unused', () => {
    fc.assert(
      fc.property(vpcs, fc.integer({ min: 1, max: 4 }), (vpc, zones) => {
        const subnets = ranges(vpc, zones);
        expect(subnets).toHaveLength(zones);
        for (const [index, subnet] of subnets.entries()) {
          expect(subnet.first).toBeGreaterThanOrEqual(vpc.first);
          expect(endOf(subnet)).toBeLessThanOrEqual(endOf(vpc));
          expect(subnet.bits).toBe(subnets[0]?.bits);
          for (const other of subnets.slice(index + 1)) expect(other.first).toBeGreaterThanOrEqual(endOf(subnet));
        }
        const used = subnets.reduce((sum, subnet) => sum + cidrSize(subnet), 0);
        expect(used * 2).toBeGreaterThan(cidrSize(vpc));
      }),
    );
  });

  it('do not change when a fourth zone is added to three', () => {
    fc.assert(
      fc.property(vpcs, (vpc) => {
        expect(ranges(vpc, 4).slice(0, 3)).toEqual(ranges(vpc, 3));
      }),
    );
  });

  it('are refused when they are smaller than AWS accepts', () => {
    expect(subnetCidrs('10.0.0.0/26', 4)).toEqual(['10.0.0.0/28', '10.0.0.16/28', '10.0.0.32/28', '10.0.0.48/28']);
    expect(() => subnetCidrs('10.0.0.0/26', 5)).toThrow('10.0.0.0/26 is too small for 5 subnets of /28');
    expect(() => subnetCidrs('10.0.0.1/26', 2)).toThrow('10.0.0.1/26 is not a range');
  });
});

const RUNNER: StackConfig = { consumer: 'none', trustedPrincipalArns: ['arn:aws:iam::123456789012:role/runner'] };
const EXISTING: StackConfig = { warehouse: 'existing', existingClusterIdentifier: 'analytics' };
const services = (config: StackConfig) => endpointsOf(settingsWith(config)).map(({ service }) => service);

describe('endpoints', () => {
  it('are those that the consumer and COPY use', () => {
    expect(services({})).toEqual(['s3', 'sqs', 'redshift-data', 'logs', 'ecr.api', 'ecr.dkr']);
  });

  it('need a reason each', () => {
    for (const { reason } of endpointsOf(settingsWith({}))) expect(reason).not.toBe('');
  });

  it('are not created in an existing VPC', () => {
    expect(services({ vpcId: 'vpc-01234567', privateSubnetIds: ['subnet-01234567', 'subnet-89abcdef'] })).toEqual([]);
  });

  it('are S3 alone when only COPY needs one, and none when COPY needs none', () => {
    expect(services(RUNNER)).toEqual(['s3']);
    expect(services({ ...RUNNER, enhancedVpcRouting: false })).toEqual([]);
    expect(services({ ...RUNNER, ...EXISTING })).toEqual([]);
  });

  it('include S3 for the consumer of an existing warehouse too', () => {
    expect(services(EXISTING)).toContain('s3');
  });

  it('include Secrets Manager when the service logs in with a secret', () => {
    const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:login-AbCdEf';
    expect(services({ ...EXISTING, serviceSecretArn: secret })).toContain('secretsmanager');
    expect(services(EXISTING)).not.toContain('secretsmanager');
  });

  it('allow principals of the account only, and S3 for the bucket only', () => {
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

describe('zones of endpoints', () => {
  it('are all zones unless the setting says fewer, and more than all zones are refused', () => {
    const zones = (config: StackConfig) => {
      const { network } = settingsWith(config);
      return network.kind === 'new' ? network.endpointZones : 0;
    };
    expect([zones({}), zones({ warehouse: 'serverless' }), zones({ endpointZones: 1 })]).toEqual([2, 3, 1]);
    expect(() => zones({ endpointZones: 3 })).toThrow(
      'endpointZones: is 3; expected 0 (all zones) to 2, the number of zones',
    );
    expect(() => zones({ ...RUNNER, endpointZones: 1 })).toThrow('endpointZones: is 1, which has no meaning');
  });
});

describe('the VPC of the stack', () => {
  const problem = (config: StackConfig): string => {
    try {
      settingsWith(config);
      return '';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };

  it('reaches images in ECR of its region only, and others are refused', () => {
    expect(isInEcr('123456789012.dkr.ecr.eu-west-1.amazonaws.com/sparkify:1.2.3', 'eu-west-1')).toBe(true);
    for (const image of ['example.com/sparkify:1', '123456789012.dkr.ecr.us-east-1.amazonaws.com/sparkify:1']) {
      expect(problem({ image })).toContain(
        `image: is "${image}", which the private subnets of the stack do not reach; push it to ECR in eu-west-1, or set vpcId`,
      );
      expect(problem({ image, vpcId: 'vpc-01234567', privateSubnetIds: ['subnet-01234567', 'subnet-89abcdef'] })).toBe(
        '',
      );
    }
  });

  it('is refused with the needed size when a subnet is too small for warehouse, endpoints and tasks', () => {
    expect(problem({ warehouse: 'serverless', baseCapacity: 128 })).toBe('');
    expect(problem({ warehouse: 'serverless', baseCapacity: 256 })).toContain(
      'vpcCidr: is "10.42.0.0/24", which leaves 64 addresses for each subnet; this stack needs 81; choose a larger range',
    );
    expect(problem({ warehouse: 'serverless', baseCapacity: 256, enhancedVpcRouting: false })).toBe('');
    expect(problem({ warehouse: 'serverless', baseCapacity: 256, vpcCidr: '10.42.0.0/23' })).toBe('');
  });

  it('never needs fewer addresses for more of anything', () => {
    const few = fc.integer({ min: 0, max: 1024 });
    const all = fc.record({ routedCapacity: few, nodes: few, interfaceEndpoints: few, tasks: few });
    fc.assert(
      fc.property(all, all, (left, more) => {
        const both = Object.fromEntries(
          Object.entries(left).map(([key, value]) => [key, value + more[key as keyof typeof more]]),
        ) as typeof left;
        expect(addressesNeeded(both)).toBeGreaterThanOrEqual(addressesNeeded(left));
      }),
    );
  });

  it('needs for a workgroup what AWS says', () => {
    const table = { 4: 9, 8: 9, 16: 13, 32: 13, 64: 21, 128: 37, 256: 69, 512: 133 };
    for (const [capacity, addresses] of Object.entries(table)) {
      const alone = { routedCapacity: Number(capacity), nodes: 0, interfaceEndpoints: 0, tasks: 0 };
      expect(addressesNeeded(alone)).toBe(5 + addresses);
    }
  });
});
