import { onlyTls, policy } from './policy.ts';
import type { Policy } from './policy.ts';

/**
 * The bucket's own policy: TLS only. It lets nobody in: whoever reads or writes has a role of this account that says
 * so, and a stranger needs both sides.
 */
export function bucketPolicy(bucketArn: string): Policy {
  return policy(onlyTls('s3', [bucketArn, `${bucketArn}/*`]));
}
