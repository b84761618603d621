import type { IamRequest, PlacedPolicy } from './decide.ts';
import type { ExaminedStack } from './examined-stack.ts';
import { announces, becomes, databaseUserArn, logsIn, rings, startsTasks } from './on-our-behalf.ts';

const STRANGER = '444455556666';
const ROLE_OF_STRANGER = `arn:aws:iam::${STRANGER}:role/somebody`;
const STRANGE_QUEUE = `arn:aws:sqs:eu-west-1:${STRANGER}:theirs`;
const STRANGE_BUCKET = 'arn:aws:s3:::their-bucket';

/** Everything, as far as their own account decides: so that what stops them is ours. */
export const FOREIGN_POLICIES: readonly PlacedPolicy[] = [ROLE_OF_STRANGER, 'arn:aws:iam::999988887777:role/ecr'].map(
  (of) => ({
    name: `what ${of} may do at home`,
    kind: 'identity',
    of,
    isForeign: true,
    document: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
  }),
);

/** A key that its owner has left as AWS makes it: the account decides by its roles (KMS developer guide, "Default key policy"). */
export function ownersPolicies({ keyArn, account }: ExaminedStack): readonly PlacedPolicy[] {
  if (keyArn === null) return [];
  const everybody = { AWS: `arn:aws:iam::${account}:root` };
  const statement = { Effect: 'Allow', Principal: everybody, Action: 'kms:*', Resource: '*' } as const;
  const document = { Version: '2012-10-17', Statement: [statement] };
  return [{ name: 'the policy of the key', kind: 'resource', of: keyArn, isForeign: true, document }];
}

/** What nobody may do: the same as is needed by others, or otherwise, or more than is needed by the same. */
export function strangersOf(stack: ExaminedStack, needed: readonly IamRequest[]): readonly IamRequest[] {
  return [
    ...fromAnotherAccount(needed),
    ...withoutTls(stack, needed),
    ...outThroughOurNetwork(stack),
    ...announcedByOthers(stack),
    ...becomeByOthers(stack),
    ...rungByOthers(stack),
    ...beyondItsWork(stack),
    ...beyondTheFiles(stack),
  ];
}

/** Every permission of the service and of COPY, asked for by a role of another account. */
function fromAnotherAccount(needed: readonly IamRequest[]): readonly IamRequest[] {
  return needed
    .filter(({ principal, action }) => principal.startsWith('arn:') && /^(?:s3|sqs):/.test(action))
    .filter(({ owner }) => owner === undefined)
    .map((request) => ({ ...request, principal: ROLE_OF_STRANGER, because: 'another account', through: null }));
}

/** S3 and SQS answer without TLS too, unless they are told not to. The policy of an existing bucket is its owner's. */
function withoutTls({ policies, bucketArn }: ExaminedStack, needed: readonly IamRequest[]): readonly IamRequest[] {
  const isOurs = policies.some(({ kind, of }) => kind === 'resource' && of === bucketArn);
  return needed
    .filter(({ action, owner }) => (isOurs ? /^(?:s3|sqs):/ : /^sqs:/).test(action) && owner === undefined)
    .map((request) => {
      const context = { ...request.context, 'aws:SecureTransport': 'false' };
      return { ...request, context, because: `${request.because}, without TLS`, through: null };
    });
}

/** Somebody's own credentials in our network: nothing may leave through its endpoints. */
function outThroughOurNetwork({ policies, region }: ExaminedStack): readonly IamRequest[] {
  const endpoints = policies.filter(({ kind }) => kind === 'endpoint').map(({ of }) => of);
  const send: Readonly<Record<string, { action: string; resource: string }>> = {
    s3: { action: 's3:PutObject', resource: `${STRANGE_BUCKET}/loot` },
    sqs: { action: 'sqs:SendMessage', resource: STRANGE_QUEUE },
    logs: {
      action: 'logs:PutLogEvents',
      resource: `arn:aws:logs:${region}:${STRANGER}:log-group:theirs:log-stream:loot`,
    },
    'redshift-data': {
      action: 'redshift-data:BatchExecuteStatement',
      resource: `arn:aws:redshift:${region}:${STRANGER}:cluster:theirs`,
    },
    secretsmanager: {
      action: 'secretsmanager:PutSecretValue',
      resource: `arn:aws:secretsmanager:${region}:${STRANGER}:secret:loot-AbCdEf`,
    },
    'ecr.api': { action: 'ecr:GetAuthorizationToken', resource: '*' },
    'ecr.dkr': { action: 'ecr:PutImage', resource: `arn:aws:ecr:${region}:${STRANGER}:repository/loot` },
  };
  return endpoints.map((through) => {
    const what = send[through];
    if (what === undefined) throw new Error(`an endpoint for ${through}: how could anything leave through it?`);
    const because = 'credentials of another account in our network';
    return { principal: ROLE_OF_STRANGER, ...what, owner: STRANGER, context: {}, because, through };
  });
}

function announcedByOthers(stack: ExaminedStack): readonly IamRequest[] {
  const announcements = announces(stack);
  const otherwise = (change: Readonly<Record<string, string>>, because: string) =>
    announcements.map((request) => ({ ...request, context: { ...request.context, ...change }, because }));
  const source = stack.ruleArn === null ? STRANGE_BUCKET : `arn:aws:events:${stack.region}:${STRANGER}:rule/theirs`;
  return [
    ...otherwise({ 'aws:SourceArn': source }, 'a bucket or rule of somebody else'),
    // The name of a bucket that was deleted is free for anybody.
    ...(stack.ruleArn === null
      ? otherwise({ 'aws:SourceAccount': STRANGER }, 'our bucket’s name, another account')
      : []),
    ...announcements.map((request) => ({ ...request, principal: 'sns.amazonaws.com', because: 'another service' })),
  ];
}

function becomeByOthers(stack: ExaminedStack): readonly IamRequest[] {
  const { account, region } = stack;
  const requests = becomes(stack);
  const ofTasks = requests.filter(({ principal }) => principal === 'ecs-tasks.amazonaws.com');
  const ofCopy = requests.filter(({ because }) => because === 'COPY');
  const changed = (all: readonly IamRequest[], change: Readonly<Record<string, string>>, because: string) =>
    all.map((request) => ({ ...request, context: { ...request.context, ...change }, because }));
  return [
    ...requests.map((request) => ({ ...request, principal: ROLE_OF_STRANGER, because: 'another account' })),
    ...requests.map((request) => ({ ...request, principal: 'lambda.amazonaws.com', because: 'another service' })),
    ...changed(ofTasks, { 'aws:SourceAccount': STRANGER }, 'a task of another account'),
    ...changed(
      ofTasks,
      { 'aws:SourceArn': `arn:aws:ecs:${region}:${STRANGER}:task/any/1` },
      'a task of another account',
    ),
    ...changed(
      ofCopy,
      { 'sts:ExternalId': databaseUserArn(stack).replace(account, STRANGER) },
      'a warehouse of another account',
    ),
    ...changed(
      ofCopy,
      { 'sts:ExternalId': `arn:aws:redshift:${region}:${account}:dbuser:another/user` },
      'another warehouse',
    ),
  ];
}

function rungByOthers(stack: ExaminedStack): readonly IamRequest[] {
  const theirs = {
    'aws:SourceArn': `arn:aws:cloudwatch:${stack.region}:${STRANGER}:alarm:theirs`,
    'aws:SourceAccount': STRANGER,
  };
  return rings(stack).flatMap((request) => [
    { ...request, context: theirs, because: 'an alarm of another account' },
    { ...request, principal: 's3.amazonaws.com', because: 'another service' },
    { ...request, principal: ROLE_OF_STRANGER, because: 'another account' },
  ]);
}

/** The key of the files, for anything but files, and more of it than reading and writing takes. */
function beyondTheFiles({ keyArn, region, roles }: ExaminedStack): readonly IamRequest[] {
  if (keyArn === null) return [];
  const through = null;
  const viaS3 = { 'kms:ViaService': `s3.${region}.amazonaws.com` };
  const viaAnother = { 'kms:ViaService': `sqs.${region}.amazonaws.com` };
  const ask = (principal: string, action: string, context: IamRequest['context'], resource = keyArn): IamRequest => {
    return { principal, action, resource, context, because: 'more than the files', through };
  };
  return (['service-role', 'copy-role'] as const).flatMap((name) => {
    const role = roles.get(name);
    if (role === undefined) return [];
    return [
      ask(role, 'kms:Decrypt', {}),
      ask(role, 'kms:Decrypt', viaAnother),
      ask(role, 'kms:ScheduleKeyDeletion', {}),
      ask(role, 'kms:Decrypt', viaS3, keyArn.replace(/.$/, 'f')),
      ...(name === 'copy-role' ? [ask(role, 'kms:GenerateDataKey', viaS3)] : []),
    ];
  });
}

/** More than the job of each role. */
function beyondItsWork(stack: ExaminedStack): readonly IamRequest[] {
  const { bucketArn, queueArn, deadLetterQueueArn, warehouseArn, region, account, roles, environment } = stack;
  const { logs, songs, work } = stack.prefixes;
  const of = (kind: string, rest: string) => `arn:aws:redshift:${region}:${account}:${kind}:${rest}`;
  const cluster = environment['SPARKIFY_CLUSTER_IDENTIFIER'] ?? 'none';
  const foreign = { 'redshift-data:statement-owner-iam-userid': 'AROAOTHER:somebody', 'aws:userid': 'AROAEXAMPLE:me' };
  const ask = (principal: string | undefined, pairs: readonly (readonly [string, string])[], context = {}) =>
    principal === undefined
      ? []
      : pairs.map(([action, resource]): IamRequest => {
          return { principal, action, resource, context, because: 'more than its work', through: null };
        });
  const service = roles.get('service-role');
  const copy = roles.get('copy-role');
  return [
    ...ask(service, [
      ['s3:PutObject', `${bucketArn}/${logs}2018/forged.json`],
      ['s3:DeleteObject', `${bucketArn}/${logs}2018/11/1.json`],
      ['s3:DeleteObject', `${bucketArn}/${songs}A/1.json`],
      ['s3:DeleteObject', `${bucketArn}/private/1.json`],
      ['s3:GetObject', `${bucketArn}/${work}batches/1.json`],
      ['s3:GetObject', `${bucketArn}/private/1.json`],
      ['s3:GetObject', `${stack.jsonPathsArn ?? `${bucketArn}/paths.json`}.old`],
      ['s3:GetObject', `${STRANGE_BUCKET}/${logs}1.json`],
      ['s3:ListBucket', STRANGE_BUCKET],
      ['s3:PutBucketPolicy', bucketArn],
      ['sqs:SendMessage', queueArn],
      ['sqs:PurgeQueue', queueArn],
      ['sqs:ReceiveMessage', deadLetterQueueArn],
      ['sqs:ChangeMessageVisibility', deadLetterQueueArn],
      ['sqs:DeleteMessage', deadLetterQueueArn],
      ['sqs:PurgeQueue', deadLetterQueueArn],
      ['sqs:ReceiveMessage', `${queueArn}-another`],
      ['redshift-data:BatchExecuteStatement', of('cluster', 'another')],
      ['redshift-data:ExecuteStatement', warehouseArn],
      ['redshift-data:ListStatements', '*'],
      ['redshift:GetClusterCredentials', of('dbuser', `${cluster}/sparkify_admin`)],
      ['redshift:GetClusterCredentials', of('dbname', `${cluster}/another`)],
      ['redshift:PauseCluster', of('cluster', cluster)],
      ['secretsmanager:GetSecretValue', `arn:aws:secretsmanager:${region}:${account}:secret:redshift!admin-AbCdEf`],
    ]),
    ...ask(
      service,
      ['DescribeStatement', 'GetStatementResult', 'CancelStatement'].map((call) => [`redshift-data:${call}`, '*']),
      foreign,
    ),
    ...ask(copy, [
      ['s3:PutObject', `${bucketArn}/${logs}1.json`],
      ['s3:PutObject', `${bucketArn}/${work}unloaded`],
      ['s3:DeleteObject', `${bucketArn}/${work}batches/1.json`],
      ['s3:GetObject', `${bucketArn}/${logs}2018/11/1.json`],
      ['s3:GetObject', `${bucketArn}/${songs}A/1.json`],
      ['s3:GetObject', `${bucketArn}/private/1.json`],
      ['s3:ListBucket', STRANGE_BUCKET],
      ['sqs:ReceiveMessage', queueArn],
    ]),
    ...ask(roles.get('execution-role'), [
      ['s3:GetObject', `${bucketArn}/${logs}1.json`],
      ['sqs:ReceiveMessage', queueArn],
      ['logs:PutLogEvents', `arn:aws:logs:${region}:${account}:log-group:another:log-stream:any`],
      ['logs:GetLogEvents', `${stack.logGroupArn ?? ''}:log-stream:consumer/sparkify/0123`],
      ['ecr:BatchGetImage', `arn:aws:ecr:${region}:${account}:repository/another`],
      ['ecr:PutImage', stack.repositoryArn ?? `arn:aws:ecr:${region}:${account}:repository/none`],
    ]),
    ...ask(roles.get('schedule-role'), [
      ['redshift:DeleteCluster', warehouseArn],
      ['redshift:PauseCluster', of('cluster', 'another')],
    ]),
    // Who may do something may not do it as somebody else of the same account.
    ...[...logsIn(stack), ...startsTasks(stack)]
      .filter(({ owner }) => owner === undefined)
      .map((request) => ({
        ...request,
        principal: roles.get('copy-role') ?? ROLE_OF_STRANGER,
        because: 'another role',
      })),
  ];
}
