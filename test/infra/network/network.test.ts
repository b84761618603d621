import { beforeAll, describe, expect, it } from 'vitest';
import { dependencies, named, ofType } from '../support/find-resources.ts';
import type { Run } from '../support/run-program.ts';
import { runProgram } from '../support/run-program.ts';
import type { StackConfig } from '../support/settings-source.ts';

const EXISTING_VPC: StackConfig = {
  vpcId: 'vpc-0123456789abcdef0',
  privateSubnetIds: ['subnet-01234567', 'subnet-89abcdef'],
};
const RUNNER: StackConfig = { consumer: 'none', trustedPrincipalArns: ['arn:aws:iam::123456789012:role/runner'] };

const rules = (run: Run) => ofType(run, /^aws:vpc\/securityGroup(In|E)gressRule:/);

describe('the network of the stack', () => {
  let run: Run;
  beforeAll(async () => {
    run = await runProgram();
  });

  it('has endpoints as its only way out: no internet gateway, NAT, public address or route of its own', () => {
    const kinds = run.resources.map(({ type }) => type).filter((type) => type.startsWith('aws:ec2/'));
    expect([...new Set(kinds)].sort()).toEqual([
      'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup',
      'aws:ec2/securityGroup:SecurityGroup',
      'aws:ec2/subnet:Subnet',
      'aws:ec2/vpc:Vpc',
      'aws:ec2/vpcEndpoint:VpcEndpoint',
    ]);
    for (const { inputs } of ofType(run, /:Subnet$/)) expect(inputs).toMatchObject({ mapPublicIpOnLaunch: false });
  });

  it('allows ingress from the consumer to the endpoints only, and none to the port of the warehouse', () => {
    const ingress = rules(run).filter(({ type }) => type.includes('IngressRule'));
    expect(ingress.map(({ name }) => name)).toEqual(['endpoints-from-consumer']);
    expect(ingress[0]?.inputs).toMatchObject({ fromPort: 443, toPort: 443, ipProtocol: 'tcp' });
    expect(ingress[0]?.inputs).not.toHaveProperty('cidrIpv4');
    for (const { inputs } of ofType(run, /:SecurityGroup$/)) {
      expect(inputs).not.toHaveProperty('ingress');
      expect(inputs).not.toHaveProperty('egress');
    }
  });

  it('allows consumer and warehouse HTTPS to endpoints only, never to an address', () => {
    const egress = rules(run).filter(({ type }) => type.includes('EgressRule'));
    expect(egress.map(({ name }) => name).sort()).toEqual([
      'consumer-to-endpoints',
      'consumer-to-s3',
      'warehouse-to-s3',
    ]);
    for (const { inputs } of egress) {
      expect(inputs).toMatchObject({ fromPort: 443, toPort: 443 });
      expect(Object.keys(inputs)).not.toContain('cidrIpv4');
      expect(Object.keys(inputs)).not.toContain('cidrIpv6');
    }
  });

  it('empties the security group that every VPC has', () => {
    expect(named(run, 'vpc-default').inputs).toMatchObject({ ingress: [], egress: [] });
  });

  it('has endpoints with private DNS names and a policy in every subnet', () => {
    const endpoints = ofType(run, /:VpcEndpoint$/);
    expect(endpoints.map(({ inputs }) => inputs['serviceName']).sort()).toEqual(
      ['ecr.api', 'ecr.dkr', 'logs', 'redshift-data', 's3', 'sqs'].map((it) => `com.amazonaws.eu-west-1.${it}`),
    );
    for (const { inputs } of endpoints) {
      expect(JSON.parse(String(inputs['policy']))).toHaveProperty('Statement');
      if (inputs['vpcEndpointType'] === 'Gateway') continue;
      expect(inputs).toMatchObject({ privateDnsEnabled: true });
      expect(inputs['subnetIds']).toHaveLength(2);
    }
    expect(named(run, 'vpc').inputs).toMatchObject({ enableDnsSupport: true, enableDnsHostnames: true });
  });

  it('lets the S3 endpoint reach the data bucket and image layers', () => {
    const text = String(named(run, 'endpoint-s3').inputs['policy']);
    expect(text).toContain('"arn:aws:s3:::sparkify-dev-data-0a1b2c3/*"');
    expect(text).toContain('prod-eu-west-1-starport-layer-bucket');
  });

  it('is created before the service and deleted after it, so that a task can drain and leaves no network interface', () => {
    const needed = dependencies(run, 'consumer');
    for (const { name } of ofType(run, /:VpcEndpoint$/)) expect(needed).toContain(name);
    for (const name of ['consumer-to-endpoints', 'endpoints-from-consumer', 'consumer-to-s3', 'consumer-group']) {
      expect(needed).toContain(name);
    }
    expect(needed).toContain('subnet-eu-west-1a');
  });

  it('makes the warehouse wait only for its own endpoints', () => {
    const needed = dependencies(run, 'warehouse');
    expect(needed).toContain('warehouse-to-s3');
    expect(needed).toContain('endpoint-s3');
    expect(needed).not.toContain('endpoint-sqs');
  });
});

describe('the network, by settings', () => {
  it('has three zones for Serverless', async () => {
    const run = await runProgram({ config: { warehouse: 'serverless' } });
    expect(ofType(run, /:Subnet$/).map(({ inputs }) => inputs['cidrBlock'])).toEqual([
      '10.42.0.0/26',
      '10.42.0.64/26',
      '10.42.0.128/26',
    ]);
  });

  it('has interface endpoints in the number of zones that the setting says', async () => {
    const run = await runProgram({ config: { endpointZones: 1 } });
    for (const { inputs, name } of ofType(run, /:VpcEndpoint$/)) {
      if (name !== 'endpoint-s3') expect(inputs['subnetIds']).toHaveLength(1);
    }
    expect(named(run, 'consumer').inputs).toMatchObject({ networkConfiguration: { subnets: { length: 2 } } });
  });

  it('takes the range and the zones that are named', async () => {
    const config = {
      vpcCidr: '172.16.0.0/20',
      availabilityZones: ['eu-west-1b', 'eu-west-1c'],
    };
    const subnets = ofType(await runProgram({ config }), /:Subnet$/);
    expect(subnets.map(({ inputs }) => [inputs['availabilityZone'], inputs['cidrBlock']])).toEqual([
      ['eu-west-1b', '172.16.0.0/21'],
      ['eu-west-1c', '172.16.8.0/21'],
    ]);
  });

  it('creates only security groups in an existing VPC: no ingress, and HTTPS out', async () => {
    const run = await runProgram({ config: EXISTING_VPC });
    expect(ofType(run, /^aws:ec2\/(vpc|subnet|vpcEndpoint)/)).toEqual([]);
    expect(
      rules(run)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['consumer-to-aws', 'warehouse-to-aws']);
    for (const { type, inputs } of rules(run)) {
      expect(type).toContain('EgressRule');
      expect(inputs).toMatchObject({ cidrIpv4: '0.0.0.0/0', fromPort: 443, toPort: 443 });
    }
    expect(named(run, 'consumer').inputs).toMatchObject({
      networkConfiguration: { subnets: ['subnet-01234567', 'subnet-89abcdef'], assignPublicIp: false },
    });
  });

  it('gives the consumer the security groups of the settings, and creates none', async () => {
    const run = await runProgram({ config: { ...EXISTING_VPC, consumerSecurityGroupIds: ['sg-01234567'] } });
    expect(ofType(run, /:SecurityGroup$/).map(({ name }) => name)).toEqual(['warehouse-group']);
    expect(named(run, 'consumer').inputs).toMatchObject({ networkConfiguration: { securityGroups: ['sg-01234567'] } });
  });

  it('allows the warehouse no egress when COPY does not go through the VPC', async () => {
    for (const config of [{}, EXISTING_VPC]) {
      const run = await runProgram({ config: { ...config, enhancedVpcRouting: false } });
      expect(rules(run).filter(({ name }) => name.startsWith('warehouse'))).toEqual([]);
    }
  });

  it('has S3 as its only way out when only the warehouse is in it', async () => {
    const run = await runProgram({ config: RUNNER });
    expect(ofType(run, /:VpcEndpoint$/).map(({ name }) => name)).toEqual(['endpoint-s3']);
    expect(ofType(run, /:SecurityGroup$/).map(({ name }) => name)).toEqual(['warehouse-group']);
    expect(String(named(run, 'endpoint-s3').inputs['policy'])).not.toContain('starport');
  });

  it('is not created when the stack needs no network', async () => {
    const config = { ...RUNNER, warehouse: 'existing', existingClusterIdentifier: 'analytics' };
    expect(ofType(await runProgram({ config }), /^aws:(ec2|vpc)\//)).toEqual([]);
  });
});
