import { policy } from '../aws/policy.ts';
import type { Policy } from '../aws/policy.ts';

/** Who may be the role of the pause schedule: Redshift's scheduler (Redshift API, "CreateScheduledAction"). */
export function scheduleTrustPolicy(): Policy {
  return policy({
    Sid: 'Scheduler',
    Effect: 'Allow',
    Principal: { Service: ['scheduler.redshift.amazonaws.com'] },
    Action: ['sts:AssumeRole'],
  });
}

/** What it does: pause and resume the one cluster. */
export function scheduleRolePolicy(clusterArn: string): Policy {
  return policy({
    Sid: 'PauseAndResume',
    Effect: 'Allow',
    Action: ['redshift:PauseCluster', 'redshift:ResumeCluster'],
    Resource: [clusterArn],
  });
}
