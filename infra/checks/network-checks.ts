import type { SettingProblem } from '../../src/settings/read-values.ts';
import { parseCidr } from '../network/cidr.ts';
import { DEFINITIONS } from '../settings/definitions.ts';
import type { StackSettingValues } from '../settings/definitions.ts';
import { meaningless } from './problems.ts';

const OF_NEW_VPC = ['vpcCidr', 'availabilityZones', 'endpointZones'] as const;
const OF_EXISTING_VPC = ['privateSubnetIds', 'consumerSecurityGroupIds'] as const;

/** A subnet group of a cluster has two zones, a workgroup three (Redshift docs, "Considerations for Serverless"). */
function zonesNeeded({ warehouse }: StackSettingValues): number {
  return warehouse === 'serverless' ? 3 : 2;
}

/**
 * The zones of the subnets. Without the setting the letters are a guess that fits most regions: a plan does not ask AWS.
 * Where the guess is wrong, AWS refuses the subnet and names the zones of the account.
 */
export function zonesOf(values: StackSettingValues): readonly string[] {
  const { availabilityZones, region } = values;
  if (availabilityZones.length > 0) return availabilityZones;
  return ['a', 'b', 'c'].slice(0, zonesNeeded(values)).map((letter) => region + letter);
}

/** What the settings of the network contradict. */
export function networkChecks(values: StackSettingValues): SettingProblem[] {
  if (values.warehouse === 'existing' && values.consumer === 'none') {
    return meaningless(
      values,
      ['vpcId', ...OF_EXISTING_VPC, ...OF_NEW_VPC],
      'with warehouse existing and consumer none: the stack needs no network',
    );
  }
  return values.vpcId === null ? newVpcChecks(values) : existingVpcChecks(values);
}

function existingVpcChecks(values: StackSettingValues): SettingProblem[] {
  const { privateSubnetIds, vpcId } = values;
  const problems = meaningless(values, OF_NEW_VPC, `with vpcId (${vpcId ?? ''})`);
  if (values.consumer === 'none') {
    problems.push(...meaningless(values, ['consumerSecurityGroupIds'], 'with consumer none'));
  }
  const needed = values.warehouse === 'existing' ? 1 : zonesNeeded(values);
  if (new Set(privateSubnetIds).size < needed) {
    const sentence = `names ${new Set(privateSubnetIds).size} subnets; expected at least ${needed} in different zones, with vpcId and warehouse ${values.warehouse}`;
    problems.push({ name: 'privateSubnetIds', sentence });
  }
  return problems;
}

function newVpcChecks(values: StackSettingValues): SettingProblem[] {
  const problems = meaningless(values, OF_EXISTING_VPC, 'without vpcId');
  problems.push(...zoneChecks(values), ...endpointChecks(values));
  const vpc = parseCidr(values.vpcCidr);
  if (vpc === null || vpc.bits < 16 || vpc.bits > 26) {
    const sentence = `is "${values.vpcCidr}"; expected ${DEFINITIONS.vpcCidr.expected}`;
    problems.push({ name: 'vpcCidr', sentence });
  }
  return problems;
}

function zoneChecks(values: StackSettingValues): SettingProblem[] {
  const { availabilityZones: zones, region } = values;
  const name = 'availabilityZones';
  const needed = zonesNeeded(values);
  if (zones.length === 0) return [];
  const foreign = zones.filter((zone) => zone.slice(0, -1) !== region);
  if (foreign.length > 0) {
    return [{ name, sentence: `has ${foreign.join(', ')}; expected zones of ${region}` }];
  }
  if (new Set(zones).size >= needed && new Set(zones).size === zones.length) return [];
  return [{ name, sentence: `is ${JSON.stringify(zones)}; expected at least ${needed} different zones` }];
}

function endpointChecks(values: StackSettingValues): SettingProblem[] {
  const { endpointZones, consumer } = values;
  if (consumer === 'none') return meaningless(values, ['endpointZones'], 'with consumer none');
  const zones = zonesOf(values).length;
  if (endpointZones <= zones) return [];
  return [
    { name: 'endpointZones', sentence: `is ${endpointZones}; expected 0 (all zones) to ${zones}, the number of zones` },
  ];
}
