import { Role } from '@pulumi/aws/iam/role.js';
import { RolePolicy } from '@pulumi/aws/iam/rolePolicy.js';
import { all, output } from '@pulumi/pulumi';
import type { Output } from '@pulumi/pulumi';
import type { Context } from '../context.ts';
import type { Data } from '../data/create-data.ts';
import { partitionOf } from '../aws/partition.ts';
import { copyRolePolicy, copyTrustPolicy } from './copy-role.ts';
import { executionRolePolicy, executionTrustPolicy, repositoryArnOf } from './execution-role.ts';
import type { Policy } from '../aws/policy.ts';
import { serviceRolePolicy, serviceTrustPolicy } from './service-role.ts';
import type { DataPlace } from './service-role.ts';
import { warehouseLogin } from './warehouse-login.ts';
import type { Queues } from '../queue/create-queues.ts';
import type { Warehouse } from '../warehouse/create-warehouse.ts';

/** The roles of a stack. */
export type Roles = {
  /** The service itself, in its task or wherever it runs. */
  readonly service: Role;
  /** With which ECS starts the task, and what it may; `null` where the stack runs no consumer. */
  readonly execution: { readonly role: Role; readonly allowed: RolePolicy } | null;
  readonly copyRoleArn: Output<string>;
  /** What it may; empty where the role is not of the stack. */
  readonly copyAllowed: readonly RolePolicy[];
};

type Place = { readonly account: Output<string>; readonly data: Data };

/** The roles, each with what it may do as far as that is known before there is a warehouse. */
export function createRoles(context: Context, place: Place): Roles {
  const { settings, names } = context;
  const { account } = place;
  const ecsArn = account.apply((own) => `arn:${partitionOf(settings.region)}:ecs:${settings.region}:${own}:*`);
  const isRun = settings.consumer.kind === 'fargate';
  const trust = all([ecsArn, account]).apply(([arn, own]) =>
    serviceTrustPolicy({
      ecsArn: isRun ? arn : null,
      account: own,
      trustedPrincipalArns: settings.trustedPrincipalArns,
    }),
  );
  const description = 'sparkify-ingest: reads files and notifications, loads the warehouse';
  const service = role(context, { id: 'service-role', name: names.serviceRole, description, trust });
  return {
    service,
    execution: isRun ? executionRole(context, { ecsArn, account }) : null,
    ...copyRole(context, place),
  };
}

/**
 * What the service may do, once the warehouse is there.
 *
 * @returns what a task must wait for.
 */
export function createServicePermissions(
  context: Context,
  parts: Place & { readonly queues: Queues; readonly roles: Roles; readonly warehouse: Warehouse },
): RolePolicy {
  const { settings, provider } = context;
  const { account, data, queues, roles, warehouse } = parts;
  const { queue, deadLetterQueue } = queues;
  const name = warehouse.target.kind === 'cluster' ? warehouse.target.identifier : warehouse.target.name;
  const document = all([data.bucketArn, queue.arn, deadLetterQueue.arn, account, name, warehouse.arn ?? '']).apply(
    ([bucketArn, queueArn, deadLetterQueueArn, own, warehouseName, workgroupArn]) =>
      serviceRolePolicy({
        data: dataPlace(context, bucketArn),
        queueArn,
        deadLetterQueueArn,
        login: warehouseLogin(settings, { account: own, warehouseName, workgroupArn }),
      }),
  );
  return new RolePolicy('service-policy', { role: roles.service.name, policy: document.apply(text) }, { provider });
}

function executionRole(
  context: Context,
  { ecsArn, account }: { readonly ecsArn: Output<string>; readonly account: Output<string> },
): Roles['execution'] {
  const { settings, names, provider } = context;
  const trust = all([ecsArn, account]).apply(([arn, own]) => executionTrustPolicy(arn, own));
  const description = 'sparkify-ingest: fetches the image and writes the logs of the consumer';
  const made = role(context, { id: 'execution-role', name: names.executionRole, description, trust });
  const { region } = settings;
  const partition = partitionOf(region);
  const image = settings.consumer.kind === 'fargate' ? settings.consumer.image : null;
  const document = account.apply((own) =>
    executionRolePolicy({
      repositoryArn:
        image === null
          ? `arn:${partition}:ecr:${region}:${own}:repository/${names.repository}`
          : repositoryArnOf(image, partition),
      logGroupArn: `arn:${partition}:logs:${region}:${own}:log-group:${names.logGroup}`,
    }),
  );
  const policy = document.apply(text);
  return { role: made, allowed: new RolePolicy('execution-policy', { role: made.name, policy }, { provider }) };
}

/** The role for COPY: that of an existing warehouse by its ARN, or one of the stack. */
function copyRole(context: Context, { account, data }: Place): Pick<Roles, 'copyRoleArn' | 'copyAllowed'> {
  const { settings, names, provider } = context;
  const { warehouse, region } = settings;
  if (warehouse.kind === 'existing' && warehouse.copyRoleArn !== null) {
    return { copyRoleArn: output(warehouse.copyRoleArn), copyAllowed: [] };
  }
  const trust = account.apply((own) =>
    copyTrustPolicy({ partition: partitionOf(region), region, account: own, ...copyingWarehouse(context) }),
  );
  const description = 'sparkify-ingest: with it COPY reads the bucket';
  const made = role(context, { id: 'copy-role', name: names.copyRole, description, trust });
  const document = data.bucketArn.apply((bucketArn) => copyRolePolicy(dataPlace(context, bucketArn)));
  const allowed = new RolePolicy('copy-policy', { role: made.name, policy: document.apply(text) }, { provider });
  return { copyRoleArn: made.arn, copyAllowed: [allowed] };
}

function copyingWarehouse({ settings, names }: Context): { warehouse: string; isServerless: boolean } {
  const { warehouse } = settings;
  switch (warehouse.kind) {
    case 'cluster':
      return { warehouse: names.cluster, isServerless: false };
    case 'serverless':
      return { warehouse: names.workgroup, isServerless: true };
    case 'existing':
      return warehouse.target.kind === 'cluster'
        ? { warehouse: warehouse.target.identifier, isServerless: false }
        : { warehouse: warehouse.target.name, isServerless: true };
  }
}

function dataPlace({ settings }: Context, bucketArn: string): DataPlace {
  const { bucket } = settings.data;
  const arn = bucket.kind === 'existing' ? bucket.kmsKeyArn : null;
  return { ...settings.data, bucketArn, key: arn === null ? null : { arn, region: settings.region } };
}

function role(
  { provider }: Context,
  input: { id: string; name: string; description: string; trust: Output<Policy> },
): Role {
  const { id, name, description, trust } = input;
  return new Role(id, { name, description, assumeRolePolicy: trust.apply(text) }, { provider });
}

function text(document: Policy): string {
  return JSON.stringify(document);
}
