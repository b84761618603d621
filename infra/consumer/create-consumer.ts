import { LogGroup } from '@pulumi/aws/cloudwatch/logGroup.js';
import { Cluster } from '@pulumi/aws/ecs/cluster.js';
import { Service } from '@pulumi/aws/ecs/service.js';
import { TaskDefinition } from '@pulumi/aws/ecs/taskDefinition.js';
import { all, jsonStringify } from '@pulumi/pulumi';
import type { Input, Output, Resource } from '@pulumi/pulumi';
import type { ConsumerImage } from './create-image.ts';
import type { Context } from '../context.ts';
import type { Network } from '../network/create-network.ts';
import { containerDefinitions } from './container-definitions.ts';
import type { Settings } from '../settings/settings.ts';

/** The consumer that the stack runs. */
export type Consumer = {
  readonly clusterName: Output<string>;
  readonly serviceName: Output<string>;
  readonly service: Service;
};

type Dependencies = {
  readonly image: ConsumerImage;
  readonly log: LogGroup;
  readonly network: Network;
  readonly taskRoleArn: Input<string>;
  readonly executionRoleArn: Input<string>;
  /** Settings of the service: the same list that the stack puts out. */
  readonly environment: Readonly<Record<string, Input<string>>>;
  /** What must be there before a task starts: permissions of its roles, its database user. */
  readonly after: readonly Resource[];
};

type Fargate = Extract<Settings['consumer'], { kind: 'fargate' }>;

/** One of the periods that CloudWatch Logs offers (CloudWatch Logs API, "PutRetentionPolicy"). */
const LOG_RETENTION_DAYS = 30;

/** Where the tasks log; also what the permission to log names. `null` without a consumer. */
export function createConsumerLog({ settings, names, provider }: Context): LogGroup | null {
  if (settings.consumer.kind === 'none') return null;
  const args = { name: names.logGroup, retentionInDays: LOG_RETENTION_DAYS };
  return new LogGroup('consumer-log', args, { provider });
}

/**
 * The consumer as a Fargate service: the smallest arm64 task that the memory figures of docs/benchmarks.md allow, a
 * deployment that starts the new task before it stops the old one, and goes back when the new one does not live. An
 * update is done when the new task runs.
 */
export function createConsumer(context: Context, dependencies: Dependencies): Consumer | null {
  const { settings, names, provider } = context;
  const { consumer } = settings;
  if (consumer.kind === 'none') return null;
  const { network } = dependencies;
  const cluster = new Cluster(
    'consumer-cluster',
    // Container insights are billed by metric; what the alarms need is there without.
    { name: names.ecsCluster, settings: [{ name: 'containerInsights', value: 'disabled' }] },
    { provider },
  );
  const service = new Service(
    'consumer',
    {
      name: names.ecsService,
      cluster: cluster.arn,
      launchType: 'FARGATE',
      taskDefinition: taskDefinition(context, consumer, dependencies).arn,
      desiredCount: consumer.count,
      deploymentMinimumHealthyPercent: 100,
      deploymentMaximumPercent: 200,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      networkConfiguration: {
        subnets: [...network.subnetIds],
        securityGroups: [...network.consumerSecurityGroupIds],
        assignPublicIp: false,
      },
      enableExecuteCommand: false,
      propagateTags: 'SERVICE',
      waitForSteadyState: true,
    },
    // It also goes before all of these: while it drains it still has its roles and its ways out.
    { provider, dependsOn: [...network.ways.ofConsumer, ...dependencies.after] },
  );
  return { clusterName: cluster.name, serviceName: service.name, service };
}

function taskDefinition({ settings, names, provider }: Context, size: Fargate, needed: Dependencies): TaskDefinition {
  const { region, batching } = settings;
  const containers = all([needed.image.uri, needed.log.name, all(needed.environment)]).apply(
    ([image, logGroup, environment]) =>
      containerDefinitions({ image, logGroup, environment, region, drainSeconds: batching.drainSeconds }),
  );
  return new TaskDefinition(
    'consumer-task',
    {
      family: names.taskFamily,
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' },
      cpu: String(size.cpu),
      memory: String(size.memoryMb),
      taskRoleArn: needed.taskRoleArn,
      executionRoleArn: needed.executionRoleArn,
      containerDefinitions: jsonStringify(containers),
    },
    { provider },
  );
}
