import { createHash } from 'node:crypto';

/**
 * Longest names that AWS takes, each less what is added to it (seven letters of chance for names that Pulumi completes).
 * Sources: the `CreateX` pages of the API references of Redshift, Redshift Serverless, IAM, SQS, ECS, ECR, SNS,
 * CloudWatch, EventBridge and S3.
 */
const RULES = {
  /** Completed by Pulumi: a bucket's name belongs to the whole world. */
  bucket: { suffix: 'data', longest: 63 - 8 },
  queue: { suffix: 'files', longest: 80 },
  deadLetterQueue: { suffix: 'dead-letters', longest: 80 },
  eventRule: { suffix: 'files', longest: 64 },
  serviceRole: { suffix: 'service', longest: 64 },
  executionRole: { suffix: 'task-start', longest: 64 },
  copyRole: { suffix: 'copy', longest: 64 },
  scheduleRole: { suffix: 'schedule', longest: 64 },
  cluster: { suffix: '', longest: 63 },
  namespace: { suffix: '', longest: 64 },
  workgroup: { suffix: '', longest: 64 },
  parameterGroup: { suffix: 'parameters', longest: 255 },
  subnetGroup: { suffix: 'subnets', longest: 255 },
  pauseAction: { suffix: 'pause', longest: 63 },
  resumeAction: { suffix: 'resume', longest: 63 },
  finalSnapshot: { suffix: 'final', longest: 235 },
  warehouseSecurityGroup: { suffix: 'warehouse', longest: 255 },
  consumerSecurityGroup: { suffix: 'consumer', longest: 255 },
  endpointSecurityGroup: { suffix: 'endpoints', longest: 255 },
  repository: { suffix: 'image', longest: 256 },
  ecsCluster: { suffix: '', longest: 255 },
  ecsService: { suffix: 'consumer', longest: 255 },
  taskFamily: { suffix: 'consumer', longest: 255 },
  logGroup: { suffix: 'consumer', longest: 512 },
  alarmTopic: { suffix: 'alarms', longest: 256 },
  dashboard: { suffix: '', longest: 255 },
  metricNamespace: { suffix: '', longest: 255 },
  /** Alarms add what they watch to it. */
  alarmPrefix: { suffix: '', longest: 200 },
} as const;

export type NameOf = keyof typeof RULES;
/** Names of the resources of one stack. */
export type Names = { readonly [N in NameOf]: string };

/**
 * Names of everything, from the name of the stack alone: the same at every run, different for different stacks, lower
 * case, never longer than AWS takes.
 */
export function namesOf(stack: string): Names {
  const entries = Object.entries(RULES).map(([name, { suffix, longest }]) => [name, nameFor(stack, suffix, longest)]);
  return Object.fromEntries(entries) as Names;
}

/** How long each name may be. */
export const LONGEST_NAMES: { readonly [N in NameOf]: number } = Object.fromEntries(
  Object.entries(RULES).map(([name, { longest }]) => [name, longest]),
) as { readonly [N in NameOf]: number };

function nameFor(stack: string, suffix: string, longest: number): string {
  const tail = suffix === '' ? '' : `-${suffix}`;
  const plain = stack
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  const room = longest - 'sparkify-'.length - tail.length;
  if (plain === stack && plain.length <= room) return `sparkify-${plain}${tail}`;
  // What is cut or replaced could make two stacks one; a few letters of a hash keep them apart.
  const mark = createHash('sha256').update(stack).digest('hex').slice(0, 6);
  const head = plain.slice(0, room - 7).replace(/-$/, '');
  return head === '' ? `sparkify-${mark}${tail}` : `sparkify-${head}-${mark}${tail}`;
}
