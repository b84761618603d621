import { pauseScheduleOf } from '../plan/warehouse/running-hours.ts';
import type { StackSettingName, StackSettingValues } from './definitions.ts';
import { isSet, meaningless, regionChecks } from './problems.ts';
import type { SettingProblem } from './problems.ts';

const OF_CLUSTER = [
  'nodeType',
  'nodeCount',
  'maintenanceWindow',
  'runningHours',
  'snapshotDays',
  // AWS takes a last snapshot of a cluster only; a namespace is deleted as it is.
  'snapshotOnDestroy',
] as const;
const OF_SERVERLESS = ['baseCapacity', 'maxCapacity'] as const;
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
  if (runningHours === null || pauseScheduleOf(runningHours) !== null) return windowChecks(values);
  const sentence = `is "${runningHours}"; expected two different times, or nothing for a cluster that always runs`;
  return [{ name: 'runningHours', sentence }, ...windowChecks(values)];
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const WEEK_MINUTES = 7 * 24 * 60;

function windowChecks({ maintenanceWindow }: StackSettingValues): SettingProblem[] {
  const [from = 0, to = 0] = maintenanceWindow.split('-').map(minuteOfWeek);
  const minutes = (to - from + WEEK_MINUTES) % WEEK_MINUTES;
  // Between half an hour and a day (Redshift docs, "Maintenance windows").
  if (from < WEEK_MINUTES && to < WEEK_MINUTES && minutes >= 30 && minutes <= 24 * 60) return [];
  const sentence = `is "${maintenanceWindow}"; expected a window of 30 minutes to 24 hours, such as sun:03:00-sun:04:00`;
  return [{ name: 'maintenanceWindow', sentence }];
}

function minuteOfWeek(text: string): number {
  const [day = '', hour = '', minute = ''] = text.split(':');
  if (Number(hour) > 23) return WEEK_MINUTES;
  return (DAYS.indexOf(day) * 24 + Number(hour)) * 60 + Number(minute);
}

/** RPUs come in steps of eight; four is the one exception (Redshift docs, "Compute capacity for Serverless"). */
function capacityChecks({ baseCapacity, maxCapacity }: StackSettingValues): SettingProblem[] {
  const problems: SettingProblem[] = [];
  const isStep = (capacity: number) => capacity === 4 || capacity % 8 === 0;
  if (!isStep(baseCapacity)) {
    problems.push({ name: 'baseCapacity', sentence: `is ${baseCapacity}; expected 4, or a multiple of 8` });
  }
  if (maxCapacity !== 0 && !isStep(maxCapacity)) {
    problems.push({ name: 'maxCapacity', sentence: `is ${maxCapacity}; expected 0 (no bound), 4, or a multiple of 8` });
  }
  if (maxCapacity !== 0 && maxCapacity < baseCapacity) {
    problems.push({
      name: 'maxCapacity',
      sentence: `is ${maxCapacity}; it must not be less than baseCapacity, which is ${baseCapacity}`,
    });
  }
  return problems;
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
    const sentence = `is not set; aws redshift-serverless get-workgroup --workgroup-name ${workgroup} tells it`;
    problems.push({ name: 'existingWorkgroupArn', sentence });
  }
  if (workgroup === null)
    problems.push(...meaningless(values, ['existingWorkgroupArn'], 'without existingWorkgroupName'));
  if (workgroup !== null)
    problems.push(...meaningless(values, ['dbUser'], 'with a workgroup, which knows the service by its role'));
  if (isSet(values, 'serviceSecretArn')) {
    const why = 'with serviceSecretArn, which names a user that exists';
    problems.push(...meaningless(values, ['adminSecretArn', 'dbUser'], why));
  }
  return [...problems, ...regionChecks(values, ['existingWorkgroupArn', 'serviceSecretArn', 'adminSecretArn'])];
}
