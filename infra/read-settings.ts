import { SettingsError, readValues } from '../src/settings/read-values.ts';
import type { SettingsSource } from '../src/settings/read-values.ts';
import { crossChecks } from './checks/checks.ts';
import { zonesOf } from './checks/network-checks.ts';
import { DEFINITIONS } from './settings/definitions.ts';
import type { StackSettingValues } from './settings/definitions.ts';
import { passedOn } from './settings/of-service.ts';
import { oldSettingSentence } from './settings/old-settings.ts';
import { pauseScheduleOf } from './settings/running-hours.ts';
import type { AlarmTarget, NetworkSettings, Settings, WarehouseSettings } from './settings/settings.ts';

const WORDS = {
  of: 'of the stack',
  advice: '(change one with "npx pulumi config set NAME VALUE"); nothing was created',
};

/**
 * Reads the settings of a stack. Pure: the same texts give the same settings.
 *
 * @param source the texts of one stack, under their names without the project's.
 * @throws SettingsError naming every wrong, unknown and contradictory setting, before anything is created.
 */
export function readSettings(source: SettingsSource): Settings {
  const rules = { check: crossChecks, oldSentence: oldSettingSentence };
  const { values, problems } = readValues(DEFINITIONS, source, rules);
  if (problems.length > 0) throw new SettingsError(problems, WORDS);
  return settingsOf(values);
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
