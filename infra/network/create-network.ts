import { DefaultSecurityGroup } from '@pulumi/aws/ec2/defaultSecurityGroup.js';
import { SecurityGroup } from '@pulumi/aws/ec2/securityGroup.js';
import { Subnet } from '@pulumi/aws/ec2/subnet.js';
import { Vpc } from '@pulumi/aws/ec2/vpc.js';
import { SecurityGroupEgressRule } from '@pulumi/aws/vpc/securityGroupEgressRule.js';
import type { Input, Resource } from '@pulumi/pulumi';
import type { Context } from '../context.ts';
import { createEndpoints } from './create-endpoints.ts';
import type { Ways } from './create-endpoints.ts';
import { subnetCidrs } from './subnet-cidrs.ts';
import type { Settings } from '../settings/settings.ts';

/** Where warehouse and consumer live. */
export type Network = {
  readonly subnetIds: readonly Input<string>[];
  /** Empty without a warehouse of the stack. */
  readonly warehouseSecurityGroupIds: readonly Input<string>[];
  /** Empty without a consumer of the stack. */
  readonly consumerSecurityGroupIds: readonly Input<string>[];
  readonly ways: Ways;
};

type Place = { readonly vpcId: Input<string>; readonly subnetIds: readonly Input<string>[] };

/**
 * The network of the stack: private subnets without an internet gateway or NAT and endpoints for just the services
 * that are used, or subnets of a VPC that is there already. `null` when nothing of the stack lives in a network.
 *
 * Nothing may connect to anything: no security group lets anyone in, except endpoints the consumer. The warehouse's port
 * stays closed too, as the Data API is a service of AWS and needs no path to it.
 *
 * @param input.bucketArn the data bucket: the only one that the S3 endpoint lets through, besides that of image layers.
 */
export function createNetwork(context: Context, input: { readonly bucketArn: Input<string> }): Network | null {
  const { network } = context.settings;
  switch (network.kind) {
    case 'none':
      return null;
    case 'new':
      return inNewVpc(context, network, input.bucketArn);
    case 'existing':
      return inExistingVpc(context, { vpcId: network.vpcId, subnetIds: network.privateSubnetIds }, network);
  }
}

function inNewVpc(
  context: Context,
  settings: Extract<Settings['network'], { kind: 'new' }>,
  bucketArn: Input<string>,
): Network {
  const { provider, names } = context;
  const vpc = new Vpc(
    'vpc',
    // Both are needed for the endpoints to answer under the usual names of their services.
    { cidrBlock: settings.cidr, enableDnsSupport: true, enableDnsHostnames: true, tags: { Name: names.ecsCluster } },
    { provider },
  );
  // Every VPC has this one and it cannot be deleted; without rules, what lands in it by mistake reaches nothing.
  new DefaultSecurityGroup('vpc-default', { vpcId: vpc.id, ingress: [], egress: [] }, { provider });
  const place = { vpcId: vpc.id, subnetIds: createSubnets(context, settings, vpc) };
  const consumer = consumerGroup(context, place);
  const warehouse = warehouseGroup(context, place);
  const endpointSubnetIds = place.subnetIds.slice(0, settings.endpointZones);
  const ways = createEndpoints(context, { vpc, endpointSubnetIds, bucketArn, consumer, warehouse });
  return {
    subnetIds: place.subnetIds,
    consumerSecurityGroupIds: consumer === null ? [] : [consumer.id],
    warehouseSecurityGroupIds: warehouse === null ? [] : [warehouse.id],
    ways,
  };
}

function createSubnets(
  { provider, names }: Context,
  settings: Extract<Settings['network'], { kind: 'new' }>,
  vpc: Vpc,
): readonly Input<string>[] {
  const { availabilityZones: zones, cidr } = settings;
  const ranges = subnetCidrs(cidr, zones.length);
  return zones.map((availabilityZone, index) => {
    const cidrBlock = ranges[index];
    if (cidrBlock === undefined) throw new Error(`zone ${availabilityZone} has no range of addresses`);
    const tags = { Name: `${names.ecsCluster}-${availabilityZone}` };
    const args = { vpcId: vpc.id, availabilityZone, cidrBlock, mapPublicIpOnLaunch: false, tags };
    return new Subnet(`subnet-${availabilityZone}`, args, { provider }).id;
  });
}

/**
 * The stack does not know whether an existing VPC reaches AWS through NAT or endpoints, so the groups allow HTTPS to every
 * address.
 */
function inExistingVpc(
  context: Context,
  place: Place,
  { consumerSecurityGroupIds }: Extract<Settings['network'], { kind: 'existing' }>,
): Network {
  const { warehouse } = context.settings;
  const given = consumerSecurityGroupIds.length > 0;
  const ofConsumer = given ? null : consumerGroup(context, place);
  const ofWarehouse = warehouseGroup(context, place);
  const routed = warehouse.kind !== 'existing' && warehouse.enhancedVpcRouting;
  const ways = {
    ofConsumer: ofConsumer === null ? [] : [httpsAnywhere(context, 'consumer', ofConsumer)],
    ofWarehouse: ofWarehouse === null || !routed ? [] : [httpsAnywhere(context, 'warehouse', ofWarehouse)],
  };
  return {
    subnetIds: place.subnetIds,
    consumerSecurityGroupIds: ofConsumer === null ? consumerSecurityGroupIds : [ofConsumer.id],
    warehouseSecurityGroupIds: ofWarehouse === null ? [] : [ofWarehouse.id],
    ways,
  };
}

function httpsAnywhere({ provider }: Context, who: string, group: SecurityGroup): Resource {
  const rule = { securityGroupId: group.id, cidrIpv4: '0.0.0.0/0', ipProtocol: 'tcp', fromPort: 443, toPort: 443 };
  const description = 'HTTPS to AWS, by NAT or endpoints of this VPC';
  return new SecurityGroupEgressRule(`${who}-to-aws`, { ...rule, description }, { provider });
}

function consumerGroup({ settings, names, provider }: Context, { vpcId }: Place): SecurityGroup | null {
  if (settings.consumer.kind === 'none') return null;
  // The words stay: AWS replaces a group whose description changes.
  // eslint-disable-next-line no-restricted-syntax -- AWS replaces a security group whose description changes
  const description = 'Consumer of sparkify: nobody connects to it; its health port is asked from within the task';
  return new SecurityGroup('consumer-group', { name: names.consumerSecurityGroup, description, vpcId }, { provider });
}

function warehouseGroup({ settings, names, provider }: Context, { vpcId }: Place): SecurityGroup | null {
  if (settings.warehouse.kind === 'existing') return null;
  const description = 'Warehouse of sparkify: closed, as the Data API needs no path to its port';
  return new SecurityGroup('warehouse-group', { name: names.warehouseSecurityGroup, description, vpcId }, { provider });
}
