import { policy } from './policy.ts';
import type { Policy } from './policy.ts';
import type { DataPlace } from './service-role.ts';

/** Who may be the COPY role: Redshift, on behalf of this account (Redshift docs, "Authorizing COPY"). */
export function copyTrustPolicy(account: string): Policy {
  return policy({
    Sid: 'Redshift',
    Effect: 'Allow',
    Principal: { Service: ['redshift.amazonaws.com'] },
    Action: ['sts:AssumeRole'],
    Condition: { StringEquals: { 'aws:SourceAccount': account } },
  });
}

/**
 * What COPY reads: log files, and what the service wrote under the work prefix (manifests, lists, bundles of songs).
 * Song files themselves are read by the service. COPY lists the bucket too (Redshift docs, "Permissions to access
 * other AWS Resources"); without a condition on the prefix, because S3 answers "forbidden" instead of "not found" for
 * an object that is gone unless the bucket may be listed.
 */
export function copyRolePolicy({ bucketArn, logPrefix, workPrefix }: DataPlace): Policy {
  return policy(
    {
      Sid: 'ReadWhatIsCopied',
      Effect: 'Allow',
      Action: ['s3:GetObject'],
      Resource: [`${bucketArn}/${logPrefix}*`, `${bucketArn}/${workPrefix}*`],
    },
    { Sid: 'List', Effect: 'Allow', Action: ['s3:ListBucket'], Resource: [bucketArn] },
  );
}
