import { RedshiftError } from '../../errors/redshift-error.ts';
import type { CopyStatement } from '../parse/copy-statement.ts';
import { detailOf } from '../read/s3-failure.ts';

/**
 * Whether the cluster may assume the COPY's role: the first of a chain must be attached to the cluster. What the roles
 * allow is not known here; whatever S3 endpoint stands behind decides with the credentials of this process.
 *
 * @throws RedshiftError with the text that names the role.
 */
export function authorizeCopy(
  statement: CopyStatement,
  who: { attachedRoleArns: readonly string[]; clusterIdentifier: string; userName: string },
): void {
  const role = statement.roleArns?.[0];
  if (role === undefined || who.attachedRoleArns.includes(role)) return;
  const account = /^arn:aws[\w-]*:iam::(\d+):/.exec(who.attachedRoleArns[0] ?? '')?.[1] ?? '000000000000';
  const user = `arn:aws:redshift:us-east-1:${account}:dbuser:${who.clusterIdentifier}/${who.userName}`;
  const text = `User ${user} is not authorized to assume IAM Role ${role}`;
  throw new RedshiftError('XX000', text, { detail: detailOf(text, 8001, `IAM Role=${role}`) });
}
