import type { SettingProblem } from '../../src/settings/read-values.ts';
import { parseCidr, cidrSize } from '../network/cidr.ts';
import { addressesNeeded } from '../network/addresses.ts';
import { interfaceEndpoints, isInEcr } from '../network/interface-endpoints.ts';
import { subnetCidrs } from '../network/subnet-cidrs.ts';
import type { StackSettingValues } from '../settings/definitions.ts';
import { zonesOf } from './network-checks.ts';

/** An image that the VPC of the stack does not reach, and a VPC that is too small. */
export function reachChecks(values: StackSettingValues): SettingProblem[] {
  const isInOwnVpc = values.vpcId === null && !(values.warehouse === 'existing' && values.consumer === 'none');
  return isInOwnVpc ? [...imageChecks(values), ...roomChecks(values)] : [];
}

/** The subnets of the stack reach AWS in their own region and nothing else. */
function imageChecks({ consumer, image, region }: StackSettingValues): SettingProblem[] {
  if (consumer === 'none' || image === null) return [];
  if (isInEcr(image, region)) return [];
  const sentence = `is "${image}", which the private subnets of the stack do not reach; push it to ECR in ${region}, or set vpcId to a VPC that reaches its registry`;
  return [{ name: 'image', sentence }];
}

function roomChecks(values: StackSettingValues): SettingProblem[] {
  const smallest = subnetSize(values);
  const needed = addressesNeeded(inhabitants(values));
  if (smallest === null || smallest >= needed) return [];
  const sentence = `is "${values.vpcCidr}", which leaves ${smallest} addresses for each subnet; this stack needs ${needed}; choose a larger range`;
  return [{ name: 'vpcCidr', sentence }];
}

/** Addresses of a subnet; `null` where the range itself is wrong, which another check reports. */
function subnetSize(values: StackSettingValues): number | null {
  const { vpcCidr } = values;
  const vpc = parseCidr(vpcCidr);
  if (vpc === null || vpc.bits > 26) return null;
  const zones = zonesOf(values).length;
  if (cidrSize(vpc) < 16 * 2 ** Math.ceil(Math.log2(zones))) return null;
  const [first] = subnetCidrs(vpcCidr, zones).map(parseCidr);
  return first === undefined || first === null ? null : cidrSize(first);
}

function inhabitants(values: StackSettingValues) {
  const { warehouse, enhancedVpcRouting, baseCapacity, nodeCount, consumer, consumerCount } = values;
  const isRun = consumer === 'fargate';
  return {
    routedCapacity: warehouse === 'serverless' && enhancedVpcRouting ? baseCapacity : 0,
    nodes: warehouse === 'cluster' ? nodeCount : 0,
    interfaceEndpoints: isRun ? interfaceEndpoints(values.serviceSecretArn !== null).length : 0,
    tasks: isRun ? consumerCount : 0,
  };
}
