import { Role } from '@pulumi/aws/iam/role.js';
import { RolePolicy } from '@pulumi/aws/iam/rolePolicy.js';
import type { Cluster } from '@pulumi/aws/redshift/cluster.js';
import { ScheduledAction } from '@pulumi/aws/redshift/scheduledAction.js';
import { jsonStringify } from '@pulumi/pulumi';
import type { Context } from '../context.ts';
import { scheduleRolePolicy, scheduleTrustPolicy } from './pause-policies.ts';

/**
 * Pauses the cluster and resumes it by schedule. Meanwhile compute is not billed, the consumer pauses its intake and
 * files wait in the queue.
 */
export function createPauseSchedule(
  { names, provider }: Context,
  {
    schedule,
    cluster,
  }: { readonly schedule: { readonly pause: string; readonly resume: string }; readonly cluster: Cluster },
): void {
  const role = new Role(
    'schedule-role',
    {
      name: names.scheduleRole,
      description: 'Pauses and resumes the warehouse by schedule',
      assumeRolePolicy: JSON.stringify(scheduleTrustPolicy()),
    },
    { provider },
  );
  const permission = new RolePolicy(
    'schedule-role',
    { name: 'pause-and-resume', role: role.name, policy: jsonStringify(cluster.arn.apply(scheduleRolePolicy)) },
    { provider },
  );
  const clusterIdentifier = cluster.clusterIdentifier;
  const actions = [
    ['pause', names.pauseAction, schedule.pause, { pauseCluster: { clusterIdentifier } }],
    ['resume', names.resumeAction, schedule.resume, { resumeCluster: { clusterIdentifier } }],
  ] as const;
  for (const [key, name, when, targetAction] of actions) {
    new ScheduledAction(
      `warehouse-${key}`,
      { name, schedule: when, iamRole: role.arn, targetAction },
      { provider, dependsOn: permission },
    );
  }
}
