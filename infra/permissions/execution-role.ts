import { policy } from '../aws/policy.ts';
import type { Policy, Statement } from '../aws/policy.ts';
import { ecsTasks } from './service-role.ts';

/** Who may be the role that starts tasks: ECS, for this account. */
export function executionTrustPolicy(ecsArn: string, account: string): Policy {
  return policy(ecsTasks(ecsArn, account));
}

/**
 * What starting a task takes: the image, where it is in ECR, and a stream in the log group (ECS docs, "Task execution
 * IAM role").
 *
 * @param input.repositoryArn `null`: the image is not in ECR.
 */
export function executionRolePolicy(input: {
  readonly repositoryArn: string | null;
  readonly logGroupArn: string;
}): Policy {
  const { repositoryArn, logGroupArn } = input;
  return policy(...(repositoryArn === null ? [] : pullStatements(repositoryArn)), {
    Sid: 'Log',
    Effect: 'Allow',
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: [`${logGroupArn}:log-stream:*`],
  });
}

function pullStatements(repositoryArn: string): Statement[] {
  return [
    // A token is for the whole registry; the action takes no resource.
    { Sid: 'EcrToken', Effect: 'Allow', Action: ['ecr:GetAuthorizationToken'], Resource: ['*'] },
    {
      Sid: 'Pull',
      Effect: 'Allow',
      Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      Resource: [repositoryArn],
    },
  ];
}

/**
 * The ARN of the repository that an image comes from.
 *
 * @returns `null` when it does not come from a private registry of ECR.
 */
export function repositoryArnOf(image: string, partition: string): string | null {
  const match = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)/.exec(image);
  if (match === null) return null;
  const [, account = '', region = '', name = ''] = match;
  return `arn:${partition}:ecr:${region}:${account}:repository/${name}`;
}
