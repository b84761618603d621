import type { PauseSchedule } from './running-hours.ts';
import type { passedOn } from './of-service.ts';

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

export type AlarmTarget =
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

export type NetworkSettings =
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

export type WarehouseSettings = Database &
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
