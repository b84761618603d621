import { SecurityGroup } from '@pulumi/aws/ec2/securityGroup.js';
import type { Vpc } from '@pulumi/aws/ec2/vpc.js';
import { VpcEndpoint } from '@pulumi/aws/ec2/vpcEndpoint.js';
import { SecurityGroupEgressRule } from '@pulumi/aws/vpc/securityGroupEgressRule.js';
import { SecurityGroupIngressRule } from '@pulumi/aws/vpc/securityGroupIngressRule.js';
import { jsonStringify, output } from '@pulumi/pulumi';
import type { Input, Output, Resource } from '@pulumi/pulumi';
import type { Context } from '../context.ts';
import { accountOnly, bucketAndLayers } from './endpoint-policies.ts';
import { endpointsOf } from './endpoints.ts';
import { partitionOf } from '../aws/partition.ts';

/**
 * The ways out, by who takes them. Both depend on theirs: they start after them and go before them, so that a task still
 * reaches its queue while it drains and no network interface is left in a subnet that is to be deleted.
 */
export type Ways = { readonly ofWarehouse: readonly Resource[]; readonly ofConsumer: readonly Resource[] };

type Places = {
  readonly vpc: Vpc;
  readonly endpointSubnetIds: readonly Input<string>[];
  readonly bucketArn: Input<string>;
  readonly consumer: SecurityGroup | null;
  readonly warehouse: SecurityGroup | null;
};

const HTTPS = { ipProtocol: 'tcp', fromPort: 443, toPort: 443 };

/** The endpoints of a VPC of the stack, and the rules by which consumer and warehouse reach them. */
export function createEndpoints(context: Context, places: Places): Ways {
  const plan = endpointsOf(context.settings);
  const interfaces = plan.filter(({ type }) => type === 'Interface').map(({ service }) => service);
  const toBucket = plan.some(({ type }) => type === 'Gateway') ? bucketWays(context, places) : NO_WAYS;
  const toServices = interfaces.length > 0 ? serviceWays(context, places, interfaces) : [];
  return { ofWarehouse: toBucket.ofWarehouse, ofConsumer: [...toBucket.ofConsumer, ...toServices] };
}

const NO_WAYS: Ways = { ofWarehouse: [], ofConsumer: [] };

/** S3, free of charge, by a route of the VPC. */
function bucketWays(context: Context, { vpc, bucketArn, consumer, warehouse }: Places): Ways {
  const { provider, settings } = context;
  const endpoint = new VpcEndpoint(
    'endpoint-s3',
    {
      vpcId: vpc.id,
      vpcEndpointType: 'Gateway',
      serviceName: `com.amazonaws.${settings.region}.s3`,
      // The one route table that every VPC has: the subnets need no other, as nothing leads out of it.
      routeTableIds: [vpc.mainRouteTableId],
      policy: bucketPolicy(context, bucketArn),
    },
    { provider },
  );
  const rule = (who: string, group: SecurityGroup) =>
    new SecurityGroupEgressRule(
      `${who}-to-s3`,
      { securityGroupId: group.id, prefixListId: endpoint.prefixListId, ...HTTPS, description: 'S3' },
      { provider },
    );
  const routed = settings.warehouse.kind !== 'existing' && settings.warehouse.enhancedVpcRouting;
  return {
    ofWarehouse: warehouse === null || !routed ? [] : [endpoint, rule('warehouse', warehouse)],
    ofConsumer: consumer === null ? [] : [endpoint, rule('consumer', consumer)],
  };
}

/** Services with an address in the subnets; each is billed by the hour and zone. */
function serviceWays(context: Context, places: Places, services: readonly string[]): readonly Resource[] {
  const { provider, settings, names } = context;
  const { vpc, consumer } = places;
  // The words stay: AWS replaces a group whose description changes.
  // eslint-disable-next-line no-restricted-syntax -- AWS replaces a security group whose description changes
  const description = 'Endpoints of sparkify: HTTPS from the consumer, and from nobody else';
  const group = new SecurityGroup(
    'endpoint-group',
    { name: names.endpointSecurityGroup, description, vpcId: vpc.id },
    { provider },
  );
  const policy = jsonStringify(vpc.ownerId.apply(accountOnly));
  const endpoints = services.map((service) => {
    const args = {
      vpcId: vpc.id,
      vpcEndpointType: 'Interface',
      serviceName: `com.amazonaws.${settings.region}.${service}`,
      subnetIds: [...places.endpointSubnetIds],
      securityGroupIds: [group.id],
      privateDnsEnabled: true,
      policy,
    };
    return new VpcEndpoint(`endpoint-${service.replace('.', '-')}`, args, { provider });
  });
  if (consumer === null) return endpoints;
  return [
    ...endpoints,
    new SecurityGroupIngressRule(
      'endpoints-from-consumer',
      { securityGroupId: group.id, referencedSecurityGroupId: consumer.id, ...HTTPS, description: 'Consumer' },
      { provider },
    ),
    new SecurityGroupEgressRule(
      'consumer-to-endpoints',
      { securityGroupId: consumer.id, referencedSecurityGroupId: group.id, ...HTTPS, description: 'Endpoints' },
      { provider },
    ),
  ];
}

function bucketPolicy({ settings }: Context, bucketArn: Input<string>): Output<string> {
  const { consumer, region } = settings;
  const layers = consumer.kind === 'fargate';
  const partition = partitionOf(region);
  return jsonStringify(
    output(bucketArn).apply((arn) => bucketAndLayers({ partition, region, bucketArn: arn, layers })),
  );
}
