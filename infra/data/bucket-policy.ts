import { onlyTls, policy } from '../aws/policy.ts';
import type { Policy } from '../aws/policy.ts';

/**
 * The bucket's own policy: TLS only. It grants nothing: a reader or writer needs a role of this account, and a principal
 * of another account would need a grant on both sides.
 */
export function bucketPolicy(bucketArn: string): Policy {
  return policy(onlyTls('s3', [bucketArn, `${bucketArn}/*`]));
}
