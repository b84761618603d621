import { unconfirmed } from './unconfirmed.ts';
import { invalid } from './api-error.ts';
import type { DataApi } from './data-api.ts';
import type { InputReader } from './read-input.ts';

export type Target = { clusterIdentifier: string; database: string; dbUser: string; secretArn: string | null };

/**
 * The database and the user of a call (Redshift docs, "Choosing authentication credentials when calling the Data
 * API"): cluster and database with a secret, a database user, or neither (an IAM identity).
 *
 * @param database from `Database`, or the session's when a session is named.
 * @throws ApiError for a cluster that is not this one, a paused cluster, or a combination that the Data API refuses.
 */
export function chooseTarget(
  api: DataApi,
  read: InputReader,
  options: { inSession: boolean; databaseRequired: boolean },
): Target {
  const { cluster } = api;
  const identifier = read.text('ClusterIdentifier', { min: 1, max: 63, pattern: /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/ });
  const workgroup = read.text('WorkgroupName', {
    min: 3,
    max: 128,
    pattern: /^(([a-z0-9-]+)|(arn:.*:workgroup\/.*))$/,
  });
  const secretArn = read.text('SecretArn') ?? null;
  const dbUser = read.text('DbUser');
  const database = read.text('Database');
  if (identifier !== undefined && workgroup !== undefined) {
    throw invalid('ClusterIdentifier and WorkgroupName cannot be given together.');
  }
  if (secretArn !== null && dbUser !== undefined) throw invalid('SecretArn and DbUser cannot be given together.');
  if (!options.inSession) {
    if (identifier === undefined && workgroup === undefined && secretArn === null) {
      throw invalid('Either ClusterIdentifier or WorkgroupName must be given.');
    }
    if (database === undefined && options.databaseRequired) throw invalid('Database must be given.');
  }
  const elsewhere = workgroup !== undefined || (identifier !== undefined && identifier !== cluster.identifier);
  if (elsewhere) throw invalid("Redshift endpoint doesn't exist in this region.");
  if (cluster.status !== 'available') throw invalid(unconfirmed.clusterAwayMessage(cluster.identifier, cluster.status));
  const asIdentity = secretArn === null ? `IAM:${cluster.masterUser}` : cluster.masterUser;
  return {
    clusterIdentifier: cluster.identifier,
    database: database ?? cluster.database,
    dbUser: dbUser ?? asIdentity,
    secretArn,
  };
}
