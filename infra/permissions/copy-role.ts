import { policy } from '../aws/policy.ts';
import type { Policy } from '../aws/policy.ts';
import { throughS3 } from './service-role.ts';
import type { DataPlace } from './service-role.ts';

/**
 * Who may be the COPY role: Redshift, for users of this one warehouse of this account (Redshift management guide,
 * "Restricting access to IAM roles": the external id is the ARN of the database user). The user is left open because
 * the guide does not say how it writes one that is known by its role, and the workgroup because the guide names it by
 * its id (`dbuser:serverless-<account>-<workgroup id>/<user>`), which there is only after the role.
 *
 * @param input.warehouse name of the cluster or the workgroup.
 */
export function copyTrustPolicy(input: {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly warehouse: string;
  readonly isServerless: boolean;
}): Policy {
  const { partition, region, account, warehouse, isServerless } = input;
  const place = isServerless ? `serverless-${account}-*` : warehouse;
  const users = `arn:${partition}:redshift:${region}:${account}:dbuser:${place}/*`;
  return policy({
    Sid: 'Redshift',
    Effect: 'Allow',
    // Redshift management guide, "Granting permissions to Amazon Redshift Serverless": both services.
    Principal: {
      Service: isServerless
        ? ['redshift.amazonaws.com', 'redshift-serverless.amazonaws.com']
        : 'redshift.amazonaws.com',
    },
    Action: ['sts:AssumeRole'],
    Condition: { StringLike: { 'sts:ExternalId': users } },
  });
}

/**
 * What COPY reads: what the service wrote under the work prefix (manifests, parts, lists). The files themselves are read by
 * the service. COPY lists the bucket too (Redshift docs, "Permissions to access
 * other AWS Resources"); without a condition on the prefix, because S3 answers "forbidden" instead of "not found" for
 * an object that is gone unless the bucket may be listed.
 */
export function copyRolePolicy({ bucketArn, workPrefix, key }: DataPlace): Policy {
  return policy(
    {
      Sid: 'ReadWhatIsCopied',
      Effect: 'Allow',
      Action: ['s3:GetObject'],
      Resource: [`${bucketArn}/${workPrefix}*`],
    },
    { Sid: 'List', Effect: 'Allow', Action: ['s3:ListBucket'], Resource: [bucketArn] },
    ...throughS3(key, ['kms:Decrypt']),
  );
}
