import type { Cluster as ClusterReply } from '@aws-sdk/client-redshift';
import type { Cluster, ClusterStatus } from './cluster.ts';
import type { XmlValue } from './xml.ts';

/** Members are checked against the SDK's names; dates and lists look different in XML, so their types do not apply. */
type ClusterXml = { readonly [Member in keyof ClusterReply]: XmlValue };

const availability: Readonly<Record<ClusterStatus, string>> = {
  available: 'Available',
  pausing: 'Modifying',
  paused: 'Unavailable',
  resuming: 'Modifying',
  modifying: 'Modifying',
};

/** A `Cluster` element of the management API. */
export function describeCluster(cluster: Cluster): XmlValue {
  return {
    ClusterIdentifier: cluster.identifier,
    NodeType: 'ra3.large',
    ClusterStatus: cluster.status,
    ClusterAvailabilityStatus: availability[cluster.status],
    MasterUsername: cluster.masterUser,
    DBName: cluster.database,
    Endpoint: { Address: cluster.endpoint.host, Port: cluster.endpoint.port },
    ClusterCreateTime: new Date(cluster.createdAtMs).toISOString(),
    AutomatedSnapshotRetentionPeriod: 1,
    ManualSnapshotRetentionPeriod: -1,
    ClusterSecurityGroups: { item: 'ClusterSecurityGroup', values: [] },
    VpcSecurityGroups: { item: 'VpcSecurityGroup', values: [] },
    ClusterParameterGroups: { item: 'ClusterParameterGroup', values: [] },
    AvailabilityZone: `${cluster.region}a`,
    PreferredMaintenanceWindow: 'sun:04:00-sun:04:30',
    ClusterVersion: '1.0',
    AllowVersionUpgrade: true,
    NumberOfNodes: 1,
    PubliclyAccessible: false,
    Encrypted: false,
    Tags: { item: 'Tag', values: [] },
    EnhancedVpcRouting: false,
    IamRoles: {
      item: 'ClusterIamRole',
      values: cluster.roleArns.map((arn) => ({ IamRoleArn: arn, ApplyStatus: 'in-sync' })),
    },
    MaintenanceTrackName: 'current',
    ClusterNamespaceArn: `arn:aws:redshift:${cluster.region}:000000000000:namespace:${cluster.identifier}`,
  } satisfies ClusterXml;
}
