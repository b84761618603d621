import { Cluster } from '@pulumi/aws/redshift/cluster.js';
import { ParameterGroup } from '@pulumi/aws/redshift/parameterGroup.js';
import { SubnetGroup } from '@pulumi/aws/redshift/subnetGroup.js';
import { Namespace } from '@pulumi/aws/redshiftserverless/namespace.js';
import { Workgroup } from '@pulumi/aws/redshiftserverless/workgroup.js';
import { output } from '@pulumi/pulumi';
import type { Input, Output } from '@pulumi/pulumi';
import type { Context } from '../context.ts';
import type { Network } from '../network/create-network.ts';
import type { Settings } from '../settings/settings.ts';
import { createPauseSchedule } from './create-pause-schedule.ts';

/** The warehouse, as the Data API and the permissions name it. */
export type Warehouse = {
  readonly target:
    | { readonly kind: 'cluster'; readonly identifier: Output<string> }
    | { readonly kind: 'workgroup'; readonly name: Output<string> };
  /** Of the cluster or workgroup; `null` for an existing cluster, whose account only AWS knows. */
  readonly arn: Output<string> | null;
  /** Secret of an administrator, for the statements that create the user of the service. */
  readonly adminSecretArn: Output<string> | null;
};

type Dependencies = {
  /** `null` for an existing warehouse without a consumer. */
  readonly network: Network | null;
  /** The role for COPY; the warehouse may take it on. */
  readonly copyRoleArn: Input<string>;
};

/** Name of the administrator. Secrets Manager keeps the password, and the service does not know it. */
const ADMIN = 'sparkify_admin';
/** In UTC, at a quiet time of the week. Files wait in the queue meanwhile. */
const MAINTENANCE_WINDOW = 'sun:03:00-sun:04:00';

/** A provisioned cluster, a Serverless workgroup with its namespace, or an existing warehouse. */
export function createWarehouse(context: Context, dependencies: Dependencies): Warehouse {
  const { warehouse } = context.settings;
  switch (warehouse.kind) {
    case 'cluster':
      return cluster(context, warehouse, dependencies);
    case 'serverless':
      return serverless(context, warehouse, dependencies);
    case 'existing':
      return existing(warehouse);
  }
}

function cluster(
  context: Context,
  settings: Extract<Settings['warehouse'], { kind: 'cluster' }>,
  { network, copyRoleArn }: Dependencies,
): Warehouse {
  const { names, provider } = context;
  const place = placeOf(network);
  const subnets = new SubnetGroup(
    'warehouse-subnets',
    { name: names.subnetGroup, description: 'Private subnets of the warehouse', subnetIds: place.subnetIds },
    { provider },
  );
  const it = new Cluster(
    'warehouse',
    {
      clusterIdentifier: names.cluster,
      clusterType: settings.nodeCount === 1 ? 'single-node' : 'multi-node',
      nodeType: settings.nodeType,
      numberOfNodes: settings.nodeCount,
      databaseName: settings.database,
      masterUsername: ADMIN,
      manageMasterPassword: true,
      // With the key that AWS keeps for Redshift in this account; it costs nothing.
      encrypted: 'true',
      publiclyAccessible: false,
      // COPY then goes through the S3 endpoint of this VPC, which lets it read just one bucket and nothing else.
      enhancedVpcRouting: settings.enhancedVpcRouting,
      clusterSubnetGroupName: subnets.name,
      vpcSecurityGroupIds: place.securityGroupIds,
      clusterParameterGroupName: requireSsl(context).name,
      iamRoles: [copyRoleArn],
      preferredMaintenanceWindow: MAINTENANCE_WINDOW,
      // Pausing needs automatic snapshots (Redshift management guide, "Pausing and resuming a cluster").
      automatedSnapshotRetentionPeriod: settings.snapshotDays,
      skipFinalSnapshot: !settings.snapshotOnDestroy,
      ...(settings.snapshotOnDestroy ? { finalSnapshotIdentifier: names.finalSnapshot } : {}),
    },
    { provider, protect: context.settings.protect, dependsOn: place.ways },
  );
  if (settings.schedule !== null) createPauseSchedule(context, { schedule: settings.schedule, cluster: it });
  return {
    target: { kind: 'cluster', identifier: it.clusterIdentifier },
    arn: it.arn,
    adminSecretArn: it.masterPasswordSecretArn,
  };
}

/** Redshift refuses connections without TLS, to its port too. */
function requireSsl({ names, provider }: Context): ParameterGroup {
  return new ParameterGroup(
    'warehouse-parameters',
    {
      name: names.parameterGroup,
      description: 'TLS only',
      family: 'redshift-1.0',
      parameters: [{ name: 'require_ssl', value: 'true' }],
    },
    { provider },
  );
}

function serverless(
  context: Context,
  settings: Extract<Settings['warehouse'], { kind: 'serverless' }>,
  { network, copyRoleArn }: Dependencies,
): Warehouse {
  const { names, provider } = context;
  const { protect } = context.settings;
  const place = placeOf(network);
  const namespace = new Namespace(
    'warehouse-namespace',
    {
      namespaceName: names.namespace,
      adminUsername: ADMIN,
      manageAdminPassword: true,
      dbName: settings.database,
      iamRoles: [copyRoleArn],
    },
    { provider, protect },
  );
  const workgroup = new Workgroup(
    'warehouse',
    {
      workgroupName: names.workgroup,
      namespaceName: namespace.namespaceName,
      baseCapacity: settings.baseCapacity,
      publiclyAccessible: false,
      enhancedVpcRouting: settings.enhancedVpcRouting,
      subnetIds: place.subnetIds,
      securityGroupIds: place.securityGroupIds,
      // No configParameters: a new workgroup requires TLS, and AWS refuses to make one that does not. Named one by one
      // they would differ at every run from the longer list that AWS answers with.
    },
    { provider, protect, dependsOn: place.ways },
  );
  return {
    target: { kind: 'workgroup', name: workgroup.workgroupName },
    arn: workgroup.arn,
    adminSecretArn: namespace.adminPasswordSecretArn,
  };
}

function existing({ target, adminSecretArn }: Extract<Settings['warehouse'], { kind: 'existing' }>): Warehouse {
  const secret = adminSecretArn === null ? null : output(adminSecretArn);
  return target.kind === 'cluster'
    ? { target: { kind: 'cluster', identifier: output(target.identifier) }, arn: null, adminSecretArn: secret }
    : { target: { kind: 'workgroup', name: output(target.name) }, arn: output(target.arn), adminSecretArn: secret };
}

function placeOf(network: Network | null) {
  if (network === null) throw new Error('a warehouse of the stack needs a network');
  return {
    subnetIds: [...network.subnetIds],
    securityGroupIds: [...network.warehouseSecurityGroupIds],
    ways: [...network.ways.ofWarehouse],
  };
}
