import type { SettingProblem } from '../../src/settings/read-values.ts';
import { pauseScheduleOf } from '../settings/running-hours.ts';
import type { StackSettingName, StackSettingValues } from '../settings/definitions.ts';
import { isSet, meaningless, regionChecks } from './problems.ts';

const OF_CLUSTER = [
  'nodeType',
  'nodeCount',
  'runningHours',
  'snapshotDays',
  // AWS takes a last snapshot of a cluster only; a namespace is deleted as it is.
  'snapshotOnDestroy',
] as const;
const OF_SERVERLESS = ['baseCapacity'] as const;
const OF_OWN = ['enhancedVpcRouting'] as const;
const OF_EXISTING = [
  'existingClusterIdentifier',
  'existingWorkgroupName',
  'existingWorkgroupArn',
  'serviceSecretArn',
  'adminSecretArn',
  'copyRoleArn',
] as const;

/** What the settings of the warehouse contradict. */
export function warehouseChecks(values: StackSettingValues): SettingProblem[] {
  const none = (names: readonly StackSettingName[]) => meaningless(values, names, `with warehouse ${values.warehouse}`);
  switch (values.warehouse) {
    case 'cluster':
      return [...none([...OF_SERVERLESS, ...OF_EXISTING]), ...clusterChecks(values)];
    case 'serverless':
      return [...none([...OF_CLUSTER, ...OF_EXISTING, 'dbUser']), ...capacityChecks(values)];
    case 'existing':
      return [...none([...OF_CLUSTER, ...OF_SERVERLESS, ...OF_OWN]), ...existingChecks(values)];
  }
}

function clusterChecks(values: StackSettingValues): SettingProblem[] {
  const { runningHours } = values;
  if (runningHours === null || pauseScheduleOf(runningHours) !== null) return [];
  const sentence = `is "${runningHours}"; expected two different times, or nothing for a cluster that always runs`;
  return [{ name: 'runningHours', sentence }];
}

/** RPUs come in steps of eight; four is the one exception (Redshift docs, "Compute capacity for Serverless"). */
function capacityChecks({ baseCapacity }: StackSettingValues): SettingProblem[] {
  if (baseCapacity === 4 || baseCapacity % 8 === 0) return [];
  return [{ name: 'baseCapacity', sentence: `is ${baseCapacity}; expected 4, or a multiple of 8` }];
}

function existingChecks(values: StackSettingValues): SettingProblem[] {
  const { existingClusterIdentifier: cluster, existingWorkgroupName: workgroup, existingWorkgroupArn: arn } = values;
  const problems: SettingProblem[] = [];
  if (cluster === null && workgroup === null) {
    const sentence = 'is not set, and neither is existingWorkgroupName; with warehouse existing, set one of the two';
    problems.push({ name: 'existingClusterIdentifier', sentence });
  }
  if (cluster !== null && workgroup !== null) {
    const sentence = `is "${cluster}" and existingWorkgroupName is "${workgroup}"; set only one of the two`;
    problems.push({ name: 'existingClusterIdentifier', sentence });
  }
  if (workgroup !== null && arn === null) {
    const sentence = `is not set; look it up with aws redshift-serverless get-workgroup --workgroup-name ${workgroup}`;
    problems.push({ name: 'existingWorkgroupArn', sentence });
  }
  if (workgroup === null)
    problems.push(...meaningless(values, ['existingWorkgroupArn'], 'without existingWorkgroupName'));
  if (workgroup !== null)
    problems.push(...meaningless(values, ['dbUser'], 'with a workgroup, in which the role of the service is its user'));
  if (isSet(values, 'serviceSecretArn')) {
    const why = 'with serviceSecretArn, whose secret names an existing user';
    problems.push(...meaningless(values, ['adminSecretArn', 'dbUser'], why));
  }
  return [...problems, ...regionChecks(values, ['existingWorkgroupArn', 'serviceSecretArn', 'adminSecretArn'])];
}
