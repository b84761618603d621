import { nearestName } from '../src/app/nearest-name.ts';
import { crossChecks } from './checks/checks.ts';
import { DEFINITIONS, STACK_SETTING_NAMES } from './settings/definitions.ts';
import type { StackSettingValues } from './settings/definitions.ts';
import { defaultText } from './settings/kinds.ts';
import type { SettingProblem } from './checks/problems.ts';
import type { Definition } from './settings/kinds.ts';
import { passedOn } from './settings/of-service.ts';
import { oldSettingSentence } from './settings/old-settings.ts';
import { zonesOf } from './checks/network-checks.ts';
import { pauseScheduleOf } from './settings/running-hours.ts';
import type { AlarmTarget, NetworkSettings, Settings, WarehouseSettings } from './settings/settings.ts';

/** Where settings come from: the texts of one stack, under their names without the project's. */
export type SettingsSource = { get(name: string): string | undefined; names(): readonly string[] };

/** All problems with the settings of a stack, before anything is created. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    const count =
      problems.length === 1 ? '1 setting of the stack is wrong' : `${problems.length} settings of the stack are wrong`;
    const lines = problems.map((problem) => `  ${problem.name}: ${problem.sentence}`);
    super([`${count} (change one with "npx pulumi config set NAME VALUE"); nothing was created:`, ...lines].join('\n'));
    this.problems = problems;
  }
}

/**
 * Reads the settings of a stack. Pure: the same texts give the same settings.
 *
 * @throws SettingsError naming every wrong, unknown and contradictory setting.
 */
export function readSettings(source: SettingsSource): Settings {
  const problems: SettingProblem[] = unknownNames(source);
  const values = parseValues(source, problems);
  problems.push(...crossChecks(values, new Set(problems.map(({ name }) => name))));
  if (problems.length > 0) throw new SettingsError(problems);
  return settingsOf(values);
}

function unknownNames(source: SettingsSource): SettingProblem[] {
  return source
    .names()
    .filter((name) => !(name in DEFINITIONS))
    .map((name) => {
      const old = oldSettingSentence(name);
      if (old !== null) return { name, sentence: old };
      const near = nearestName(name, STACK_SETTING_NAMES);
      const sentence = near === null ? 'unknown setting; remove it' : `unknown setting; did you mean ${near}?`;
      return { name, sentence };
    });
}

function parseValues(source: SettingsSource, problems: SettingProblem[]): StackSettingValues {
  const entries = STACK_SETTING_NAMES.map((name) => {
    const definition: Definition = DEFINITIONS[name];
    const seen = source.get(name);
    const parsed = definition.schema.safeParse(seen ?? defaultText(definition));
    if (parsed.success) return [name, parsed.data];
    problems.push({ name, sentence: `is ${JSON.stringify(seen)}; expected ${definition.expected}` });
    // The cross checks use the default, to find other problems too.
    return [name, definition.schema.parse(defaultText(definition))];
  });
  return Object.fromEntries(entries) as StackSettingValues;
}

function settingsOf(v: StackSettingValues): Settings {
  const { visibilitySeconds, retentionDays, lingerMs, loadIntervalMs, drainSeconds } = v;
  return {
    region: v.region,
    accountId: v.accountId,
    endpointUrl: v.endpointUrl,
    tags: v.tags,
    protect: v.protect,
    data: {
      bucket:
        v.existingBucket === null
          ? { kind: 'new', forceDestroy: v.bucketForceDestroy, versioned: v.bucketVersioned }
          : {
              kind: 'existing',
              name: v.existingBucket,
              events: v.existingBucketEvents,
              kmsKeyArn: v.bucketKmsKeyArn,
            },
      logPrefix: v.logPrefix,
      logJsonpathsKey: v.logJsonpathsKey,
      songPrefix: v.songPrefix,
      workPrefix: v.workPrefix,
      onDelete: v.onDelete,
    },
    queue: { visibilitySeconds, retentionDays },
    network: networkOf(v),
    warehouse: warehouseOf(v),
    consumer:
      v.consumer === 'none'
        ? { kind: 'none' }
        : {
            kind: 'fargate',
            image: v.image,
            cpu: v.cpu,
            memoryMb: v.memoryMb,
            count: v.consumerCount,
          },
    trustedPrincipalArns: v.trustedPrincipalArns,
    batching: { lingerMs, loadIntervalMs, drainSeconds },
    passedOn: passedOn(v.consumerEnvironment),
    alarms: { target: alarmTarget(v), oldestMessageMinutes: v.oldestMessageMinutes },
  };
}

function alarmTarget(v: StackSettingValues): AlarmTarget {
  if (v.alarmEmail !== null) return { kind: 'email', address: v.alarmEmail };
  if (v.alarmTopicArn !== null) return { kind: 'topic', arn: v.alarmTopicArn };
  return { kind: 'none' };
}

function networkOf(v: StackSettingValues): NetworkSettings {
  const { vpcId, privateSubnetIds, consumerSecurityGroupIds } = v;
  if (v.warehouse === 'existing' && v.consumer === 'none') return { kind: 'none' };
  if (vpcId !== null) return { kind: 'existing', vpcId, privateSubnetIds, consumerSecurityGroupIds };
  const zones = zonesOf(v);
  const endpointZones = v.endpointZones === 0 ? zones.length : v.endpointZones;
  return { kind: 'new', cidr: v.vpcCidr, availabilityZones: zones, endpointZones };
}

function warehouseOf(v: StackSettingValues): WarehouseSettings {
  const { database, schema, dbUser, snapshotOnDestroy, enhancedVpcRouting } = v;
  if (v.warehouse === 'cluster') {
    const { nodeType, nodeCount, snapshotDays, runningHours } = v;
    const schedule = runningHours === null ? null : pauseScheduleOf(runningHours);
    return {
      kind: 'cluster',
      database,
      schema,
      dbUser,
      nodeType,
      nodeCount,
      schedule,
      snapshotDays,
      snapshotOnDestroy,
      enhancedVpcRouting,
    };
  }
  if (v.warehouse === 'serverless') {
    return { kind: 'serverless', database, schema, baseCapacity: v.baseCapacity, enhancedVpcRouting };
  }
  const { existingClusterIdentifier, serviceSecretArn, adminSecretArn, copyRoleArn } = v;
  const target =
    existingClusterIdentifier === null
      ? ({ kind: 'workgroup', name: v.existingWorkgroupName ?? '', arn: v.existingWorkgroupArn ?? '' } as const)
      : ({ kind: 'cluster', identifier: existingClusterIdentifier, dbUser } as const);
  return { kind: 'existing', database, schema, target, serviceSecretArn, adminSecretArn, copyRoleArn };
}
