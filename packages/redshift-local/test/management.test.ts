import {
  DescribeClustersCommand,
  ModifyClusterCommand,
  PauseClusterCommand,
  ResumeClusterCommand,
} from '@aws-sdk/client-redshift';
import { ExecuteStatementCommand } from '@aws-sdk/client-redshift-data';
import { describe, expect, it } from 'vitest';
import { cluster } from './redshift-of-workers.ts';
import { onRealCluster, useRedshift } from './use-redshift.ts';

const redshift = useRedshift();
const ClusterIdentifier = cluster;

async function status(): Promise<string | undefined> {
  const { Clusters } = await redshift.management.send(new DescribeClustersCommand({ ClusterIdentifier }));
  return Clusters?.[0]?.ClusterStatus;
}

// Pausing a real cluster takes minutes and money: these run on the stand-in only.
describe.skipIf(onRealCluster)('the management API', () => {
  it('[cluster.describe] describes the cluster with its endpoint, database and attached roles', async () => {
    const { Clusters } = await redshift.management.send(new DescribeClustersCommand({}));
    expect(Clusters).toMatchObject([
      {
        ClusterIdentifier,
        ClusterStatus: 'available',
        ClusterAvailabilityStatus: 'Available',
        DBName: 'dev',
        Endpoint: { Address: '127.0.0.1', Port: Number(new URL(redshift.local.psqlUrl).port) },
        IamRoles: [{ IamRoleArn: 'arn:aws:iam::000000000000:role/copy', ApplyStatus: 'in-sync' }],
      },
    ]);
  });

  it('answers ClusterNotFound with 404 for another cluster', async () => {
    const call = redshift.management.send(new DescribeClustersCommand({ ClusterIdentifier: 'another-cluster' }));
    await expect(call).rejects.toMatchObject({ name: 'ClusterNotFoundFault', $metadata: { httpStatusCode: 404 } });
  });

  it('[cluster.pause] pauses: running statements fail, sessions end, calls are refused; and resumes with its data', async () => {
    await redshift.run(`create table ${redshift.schema}.kept (n integer)`);
    const { SessionId } = await redshift.run(`insert into ${redshift.schema}.kept values (1)`, {
      SessionKeepAliveSeconds: 60,
    });
    await redshift.management.send(new PauseClusterCommand({ ClusterIdentifier }));
    await expect.poll(status).toBe('paused');
    const refusal: unknown = await redshift.run('select 1').catch((error: unknown) => error);

    await redshift.management.send(new ResumeClusterCommand({ ClusterIdentifier }));
    await expect.poll(status).toBe('available');

    expect(refusal).toMatchObject({ name: 'ValidationException', message: expect.stringContaining('paus') as string });
    expect((await redshift.run(`select n from ${redshift.schema}.kept`)).values).toEqual([[1]]);
    await expect(redshift.data.send(new ExecuteStatementCommand({ SessionId, Sql: 'select 1' }))).rejects.toThrow(
      'Session is not available',
    );
  });

  it('modifies nothing, and shows that it is modifying', async () => {
    const { Cluster } = await redshift.management.send(new ModifyClusterCommand({ ClusterIdentifier }));
    expect(Cluster).toMatchObject({ ClusterStatus: 'modifying', ClusterAvailabilityStatus: 'Modifying' });
    await expect.poll(status).toBe('available');
  });

  it('refuses to resume a cluster that is not paused', async () => {
    await expect(redshift.management.send(new ResumeClusterCommand({ ClusterIdentifier }))).rejects.toMatchObject({
      name: 'InvalidClusterStateFault',
      $metadata: { httpStatusCode: 400 },
    });
  });
});
