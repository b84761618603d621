import { nearestName } from '../src/app/nearest-name.ts';
import { crossChecks } from './settings/checks.ts';
import { DEFINITIONS, STACK_SETTING_NAMES } from './settings/definitions.ts';
import type { StackSettingValues } from './settings/definitions.ts';
import { defaultText } from './settings/kinds.ts';
import type { SettingProblem } from './settings/problems.ts';
import type { Definition } from './settings/kinds.ts';
import { passedOn } from './settings/of-service.ts';
import { oldSettingSentence } from './settings/old-settings.ts';
import { zonesOf } from './settings/network-checks.ts';
import { pauseScheduleOf } from './plan/warehouse/running-hours.ts';
import type { PauseSchedule } from './plan/warehouse/running-hours.ts';

/** The checked settings of a stack. Settings of one kind of a part exist for that kind only. */
export type Settings = {
  readonly region: string;
  readonly accountId: string | null;
  readonly endpointUrl: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly protect: boolean;
  readonly data: DataSettings;
  readonly queue: {
    readonly visibilitySeconds: number;
    readonly retentionDays: number;
  };
  readonly network: NetworkSettings;
  readonly warehouse: WarehouseSettings;
  readonly consumer: ConsumerSettings;
  /** Roles and users that may assume the role of the service. */
  readonly trustedPrincipalArns: readonly string[];
  readonly batching: {
    readonly lingerMs: number;
    readonly loadIntervalMs: number;
    readonly drainSeconds: number;
  };
  /** Settings of the service that the stack passes on, as texts. */
  readonly passedOn: ReturnType<typeof passedOn>;
  readonly alarms: {
    readonly target: AlarmTarget;
    readonly oldestMessageMinutes: number;
  };
};

type AlarmTarget =
  | { readonly kind: 'none' }
  | { readonly kind: 'email'; readonly address: string }
  | { readonly kind: 'topic'; readonly arn: string };

export type DataSettings = {
  readonly bucket:
    | {
        readonly kind: 'new';
        readonly forceDestroy: boolean;
        readonly versioned: boolean;
      }
    | {
        readonly kind: 'existing';
        readonly name: string;
        readonly events: 'eventbridge' | 'own';
        /** `null`: S3 encrypts with its own key, which needs no permission. */
        readonly kmsKeyArn: string | null;
      };
  readonly logPrefix: string;
  /** Key of a JSONPaths file in the bucket; `null`: the logs have their own keys. */
  readonly logJsonpathsKey: string | null;
  readonly songPrefix: string;
  readonly workPrefix: string;
  readonly onDelete: 'keep' | 'remove';
};

type NetworkSettings =
  /** An existing warehouse and a consumer elsewhere: the stack needs no network. */
  | { readonly kind: 'none' }
  | {
      readonly kind: 'new';
      readonly cidr: string;
      /** Two, or three for a workgroup. */
      readonly availabilityZones: readonly string[];
      /** In how many of them, from the first on, interface endpoints are. */
      readonly endpointZones: number;
    }
  | {
      readonly kind: 'existing';
      readonly vpcId: string;
      readonly privateSubnetIds: readonly string[];
      /** Empty: the stack creates one. */
      readonly consumerSecurityGroupIds: readonly string[];
    };

type Database = { readonly database: string; readonly schema: string };

type WarehouseSettings = Database &
  (
    | {
        readonly kind: 'cluster';
        readonly dbUser: string;
        readonly nodeType: string;
        readonly nodeCount: number;
        /** `null`: the cluster always runs. */
        readonly schedule: PauseSchedule | null;
        readonly snapshotDays: number;
        readonly snapshotOnDestroy: boolean;
        readonly enhancedVpcRouting: boolean;
      }
    | {
        readonly kind: 'serverless';
        readonly baseCapacity: number;
        readonly enhancedVpcRouting: boolean;
      }
    | {
        readonly kind: 'existing';
        readonly target:
          | { readonly kind: 'cluster'; readonly identifier: string; readonly dbUser: string }
          | { readonly kind: 'workgroup'; readonly name: string; readonly arn: string };
        /** The service logs in with this secret; `null`: with temporary credentials. */
        readonly serviceSecretArn: string | null;
        /** `null`: an administrator creates the user of the service, with the SQL in the outputs. */
        readonly adminSecretArn: string | null;
        /** `null`: the stack creates one, and an administrator attaches it. */
        readonly copyRoleArn: string | null;
      }
  );

type ConsumerSettings =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'fargate';
      /** `null`: built from the Dockerfile. */
      readonly image: string | null;
      readonly cpu: number;
      readonly memoryMb: number;
      readonly count: number;
    };

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
