import type { RedshiftClient } from '@aws-sdk/client-redshift';
import { DescribeClustersCommand, PauseClusterCommand, ResumeClusterCommand } from '@aws-sdk/client-redshift';
import { fromSdkError } from './ingest-error.ts';

type ClusterStatus = {
  readonly identifier: string;
  /** The status of the management API: `available`, `paused`, `resizing`, … Other values mean "not ready". */
  readonly status: string;
  readonly availability: string | null;
  readonly nodeType: string | null;
  readonly nodes: number | null;
};

/** Status, pause and resume of one provisioned cluster (a Serverless workgroup has none of these). */
export type ClusterControl = {
  status(): Promise<ClusterStatus>;
  pause(): Promise<void>;
  resume(): Promise<void>;
};

/** The Redshift management API for one cluster. Throws IngestError, `warehouse_missing` for an unknown cluster. */
export function createClusterControl(redshift: RedshiftClient, identifier: string): ClusterControl {
  const input = { ClusterIdentifier: identifier };
  const attempt = async <T>(doing: string, call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      throw fromSdkError(error, `${doing} the cluster "${identifier}"`, { cluster: identifier });
    }
  };
  return {
    status: async () => {
      const answer = await attempt('Describing', () => redshift.send(new DescribeClustersCommand(input)));
      const cluster = answer.Clusters?.[0];
      return {
        identifier,
        status: cluster?.ClusterStatus ?? 'unknown',
        availability: cluster?.ClusterAvailabilityStatus ?? null,
        nodeType: cluster?.NodeType ?? null,
        nodes: cluster?.NumberOfNodes ?? null,
      };
    },
    pause: async () => {
      await attempt('Pausing', () => redshift.send(new PauseClusterCommand(input)));
    },
    resume: async () => {
      await attempt('Resuming', () => redshift.send(new ResumeClusterCommand(input)));
    },
  };
}
