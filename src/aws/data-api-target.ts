import { IngestError } from '../core/errors.ts';

/** The warehouse and the user. */
export type WarehouseTarget = {
  /** Exactly one of the two is set. */
  readonly clusterIdentifier: string | null;
  readonly workgroupName: string | null;
  readonly database: string;
  readonly dbUser: string | null;
  readonly secretArn: string | null;
};

/** The fields with which a Data API call names the warehouse and the user (Redshift docs, "Choosing authentication"). */
export type TargetFields = {
  readonly Database: string;
  readonly ClusterIdentifier?: string;
  readonly WorkgroupName?: string;
  readonly DbUser?: string;
  readonly SecretArn?: string;
};

/**
 * Cluster or workgroup, with a secret, a named database user (clusters only) or the IAM identity.
 *
 * @throws IngestError `config_invalid` for a combination that the Data API does not support.
 */
export function targetFields(target: WarehouseTarget): TargetFields {
  const { clusterIdentifier, workgroupName, database, dbUser, secretArn } = target;
  if ((clusterIdentifier === null) === (workgroupName === null)) {
    throw new IngestError('config_invalid', 'Name a cluster or a workgroup, and only one of the two.');
  }
  if (dbUser !== null && secretArn !== null) {
    throw new IngestError('config_invalid', 'Give a database user or a secret, not both; the secret names its user.');
  }
  if (dbUser !== null && workgroupName !== null) {
    throw new IngestError(
      'config_invalid',
      'A workgroup does not take a database user; use a secret or the IAM identity.',
    );
  }
  return {
    Database: database,
    ...(clusterIdentifier === null ? {} : { ClusterIdentifier: clusterIdentifier }),
    ...(workgroupName === null ? {} : { WorkgroupName: workgroupName }),
    ...(dbUser === null ? {} : { DbUser: dbUser }),
    ...(secretArn === null ? {} : { SecretArn: secretArn }),
  };
}
