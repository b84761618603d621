import type { IamRequest } from './decide.ts';
import type { ExaminedStack } from './examined-stack.ts';

/**
 * Calls that no recording on the embedded stack can show, because services of AWS make them: each with the public
 * document that says so.
 */
export function actedOnOurBehalf(stack: ExaminedStack): readonly IamRequest[] {
  return [
    ...logsIn(stack),
    ...announces(stack),
    ...becomes(stack),
    ...startsTasks(stack),
    ...pauses(stack),
    ...rings(stack),
  ];
}

type Partial = Omit<IamRequest, 'context' | 'through'> & { readonly context?: IamRequest['context'] };

const direct = (request: Partial): IamRequest => ({ context: {}, through: null, ...request });

/** The Data API fetches credentials with the caller's permissions (Redshift management guide, "Choosing database
 * authentication credentials when calling the Data API"; of a cluster's user both ARNs: "Resource policies for
 * GetClusterCredentials"). */
export function logsIn(stack: ExaminedStack): readonly IamRequest[] {
  const principal = stack.roles.get('service-role') ?? '';
  const { environment, account, region, warehouseArn } = stack;
  const secret = environment['SPARKIFY_SECRET_ARN'];
  const cluster = environment['SPARKIFY_CLUSTER_IDENTIFIER'];
  const because = 'Data API, for a new session';
  if (secret !== undefined) {
    // No document says from which side of the network the Data API fetches it; an endpoint must not stop it.
    return [
      {
        ...direct({ principal, action: 'secretsmanager:GetSecretValue', resource: secret, because }),
        through: 'secretsmanager',
      },
    ];
  }
  if (cluster === undefined) {
    return [direct({ principal, action: 'redshift-serverless:GetCredentials', resource: warehouseArn, because })];
  }
  const of = (kind: string, name: string | undefined) =>
    `arn:aws:redshift:${region}:${account}:${kind}:${cluster}/${name ?? ''}`;
  const database = of('dbname', environment['SPARKIFY_DATABASE']);
  const user = environment['SPARKIFY_DB_USER'];
  return user === undefined
    ? [direct({ principal, action: 'redshift:GetClusterCredentialsWithIAM', resource: database, because })]
    : [of('dbuser', user), database].map((resource) =>
        direct({ principal, action: 'redshift:GetClusterCredentials', resource, because }),
      );
}

/** S3 uses the key of the files with the permissions of whoever reads or writes them (S3 user guide, "Using server-side
 * encryption with AWS KMS keys": `kms:Decrypt` to read, `kms:GenerateDataKey` to write). */
export function decrypts({ keyArn, region }: ExaminedStack, made: readonly IamRequest[]): readonly IamRequest[] {
  if (keyArn === null) return [];
  const context = { 'kms:ViaService': `s3.${region}.amazonaws.com` };
  const uses: Readonly<Record<string, string>> = {
    's3:GetObject': 'kms:Decrypt',
    's3:PutObject': 'kms:GenerateDataKey',
  };
  const pairs = new Set(made.map(({ principal, action }) => `${principal} ${uses[action] ?? ''}`));
  return [...pairs].flatMap((pair) => {
    const [principal = '', action = ''] = pair.split(' ');
    if (action === '') return [];
    return [direct({ principal, action, resource: keyArn, context, because: 'S3, for a file that this key encrypts' })];
  });
}

/** S3 or EventBridge puts notifications on the queue (S3 user guide, "Granting permissions to publish event
 * notification messages to a destination"; EventBridge user guide, "Amazon SQS permissions", "Dead-letter queues"). */
export function announces({
  ruleArn,
  bucketArn,
  queueArn,
  deadLetterQueueArn,
  account,
}: ExaminedStack): readonly IamRequest[] {
  const action = 'sqs:SendMessage';
  if (ruleArn === null) {
    const context = { 'aws:SourceArn': bucketArn, 'aws:SourceAccount': account };
    return [direct({ principal: 's3.amazonaws.com', action, resource: queueArn, context, because: 'a new file' })];
  }
  const context = { 'aws:SourceArn': ruleArn };
  const principal = 'events.amazonaws.com';
  return [
    direct({ principal, action, resource: queueArn, context, because: 'a new file' }),
    direct({
      principal,
      action,
      resource: deadLetterQueueArn,
      context,
      because: 'an event that the queue did not take',
    }),
  ];
}

/** Who takes on which role. */
export function becomes(stack: ExaminedStack): readonly IamRequest[] {
  const { account, region, roles, trustedPrincipals } = stack;
  const service = roles.get('service-role');
  const execution = roles.get('execution-role');
  const copy = roles.get('copy-role');
  const schedule = roles.get('schedule-role');
  const take = (principal: string, resource: string, context: IamRequest['context'], because: string) =>
    direct({ principal, action: 'sts:AssumeRole', resource, context, because });
  // ECS developer guide, "Task IAM role", with the source of the task.
  const task = { 'aws:SourceArn': `arn:aws:ecs:${region}:${account}:task/any/0123`, 'aws:SourceAccount': account };
  const ecs = 'ecs-tasks.amazonaws.com';
  return [
    ...(execution === undefined ? [] : [take(ecs, execution, task, 'a task starts')]),
    ...(execution === undefined || service === undefined ? [] : [take(ecs, service, task, 'a task works')]),
    ...(service === undefined ? [] : trustedPrincipals.map((who) => take(who, service, {}, 'a command at a terminal'))),
    ...(copy === undefined
      ? []
      : copying(stack).map((principal) => take(principal, copy, { 'sts:ExternalId': databaseUserArn(stack) }, 'COPY'))),
    ...(schedule === undefined ? [] : [take('scheduler.redshift.amazonaws.com', schedule, {}, 'a pause that is due')]),
  ];
}

/** Redshift management guide, "Authorizing COPY"; "Granting permissions to Amazon Redshift Serverless": both names. */
function copying({ environment }: ExaminedStack): readonly string[] {
  const cluster = 'redshift.amazonaws.com';
  return environment['SPARKIFY_WORKGROUP_NAME'] === undefined
    ? [cluster]
    : [cluster, 'redshift-serverless.amazonaws.com'];
}

/** Redshift management guide, "Restricting access to IAM roles": how Redshift names the user on whose behalf it asks. */
export function databaseUserArn({ environment, region, account, warehouseArn }: ExaminedStack): string {
  const cluster = environment['SPARKIFY_CLUSTER_IDENTIFIER'];
  const place = cluster ?? `serverless-${account}-${warehouseArn.split('/').at(-1) ?? ''}`;
  return `arn:aws:redshift:${region}:${account}:dbuser:${place}/${environment['SPARKIFY_DB_USER'] ?? 'a-user'}`;
}

/** ECR keeps the layers of images in a bucket of its own, and of an account of its own (ECR user guide, "Interface VPC
 * endpoints"); the download is signed by ECR. */
const ECR = { role: 'arn:aws:iam::999988887777:role/ecr', account: '999988887777' };

/** ECS developer guide, "Task execution IAM role": an image from ECR, a log stream and lines in it. */
export function startsTasks({ roles, repositoryArn, logGroupArn, region }: ExaminedStack): readonly IamRequest[] {
  const principal = roles.get('execution-role');
  if (principal === undefined || logGroupArn === null) return [];
  const stream = `${logGroupArn}:log-stream:consumer/sparkify/0123`;
  const logs = ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => {
    return { principal, action, resource: stream, context: {}, because: 'a task starts and writes', through: 'logs' };
  });
  if (repositoryArn === null) return logs;
  const because = 'a task starts';
  const pull = ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'];
  return [
    ...logs,
    { principal, action: 'ecr:GetAuthorizationToken', resource: '*', context: {}, because, through: 'ecr.api' },
    ...pull.map((action) => ({ principal, action, resource: repositoryArn, context: {}, because, through: 'ecr.dkr' })),
    {
      principal: ECR.role,
      action: 's3:GetObject',
      resource: `arn:aws:s3:::prod-${region}-starport-layer-bucket/a-layer`,
      owner: ECR.account,
      context: {},
      because: 'a layer of the image, by the address that ECR signed',
      through: 's3',
    },
  ];
}

/** Redshift API reference, "CreateScheduledAction": the scheduler calls with the role of the action. */
function pauses({ roles, warehouseArn }: ExaminedStack): readonly IamRequest[] {
  const principal = roles.get('schedule-role');
  if (principal === undefined) return [];
  return ['redshift:PauseCluster', 'redshift:ResumeCluster'].map((action) =>
    direct({ principal, action, resource: warehouseArn, because: 'the schedule of the cluster' }),
  );
}

/** CloudWatch tells the topic of an alarm (Amazon SNS developer guide, "CloudWatch alarms" among its example policies). */
export function rings({ topicArn, account, region }: ExaminedStack): readonly IamRequest[] {
  if (topicArn === null) return [];
  const alarm = `arn:aws:cloudwatch:${region}:${account}:alarm:any`;
  const context = { 'aws:SourceArn': alarm, 'aws:SourceAccount': account };
  const principal = 'cloudwatch.amazonaws.com';
  return [direct({ principal, action: 'sns:Publish', resource: topicArn, context, because: 'an alarm' })];
}
