import { policy } from '../aws/policy.ts';
import type { Policy, Statement } from '../aws/policy.ts';

/** Where the data are. */
export type DataPlace = {
  readonly bucketArn: string;
  readonly logPrefix: string;
  /** Key of the JSONPaths file; `null`: the logs need none. */
  readonly logJsonpathsKey: string | null;
  readonly songPrefix: string;
  readonly workPrefix: string;
  /** Key of KMS that encrypts the files; `null`: S3's own, which takes no permission. */
  readonly key: { readonly arn: string; readonly region: string } | null;
};

/** How the service enters the warehouse. */
export type WarehouseLogin =
  | {
      readonly kind: 'cluster-user';
      readonly clusterArn: string;
      readonly dbUserArn: string;
      readonly dbNameArn: string;
    }
  | { readonly kind: 'workgroup-role'; readonly workgroupArn: string }
  | { readonly kind: 'secret'; readonly warehouseArn: string; readonly secretArn: string };

/**
 * Who may be the role of the service: tasks of this account, and who is named in the settings.
 *
 * @param input.ecsArn `arn:<partition>:ecs:<region>:<account>:*`, or `null` where the stack runs no consumer. The source
 *   keeps ECS from acting for another account (ECS docs, "Task IAM role").
 */
export function serviceTrustPolicy(input: {
  readonly ecsArn: string | null;
  readonly account: string;
  readonly trustedPrincipalArns: readonly string[];
}): Policy {
  const { ecsArn, account, trustedPrincipalArns } = input;
  const statements: Statement[] = [];
  if (ecsArn !== null) statements.push(ecsTasks(ecsArn, account));
  if (trustedPrincipalArns.length > 0) {
    statements.push({
      Sid: 'NamedInSettings',
      Effect: 'Allow',
      Principal: { AWS: trustedPrincipalArns },
      Action: ['sts:AssumeRole'],
    });
  }
  return policy(...statements);
}

/** Tasks of ECS in this account may take a role. */
export function ecsTasks(ecsArn: string, account: string): Statement {
  return {
    Sid: 'Tasks',
    Effect: 'Allow',
    Principal: { Service: 'ecs-tasks.amazonaws.com' },
    Action: ['sts:AssumeRole'],
    Condition: { ArnLike: { 'aws:SourceArn': ecsArn }, StringEquals: { 'aws:SourceAccount': account } },
  };
}

/** What the service does, and nothing else: each action is there for a call in `src/aws`. */
export function serviceRolePolicy(input: {
  readonly data: DataPlace;
  readonly queueArn: string;
  readonly deadLetterQueueArn: string;
  readonly login: WarehouseLogin;
}): Policy {
  const { data, queueArn, deadLetterQueueArn, login } = input;
  return policy(
    ...bucketStatements(data),
    ...queueStatements(queueArn, deadLetterQueueArn),
    ...warehouseStatements(login),
  );
}

function bucketStatements(data: DataPlace): Statement[] {
  const { bucketArn, logPrefix, logJsonpathsKey, songPrefix, workPrefix, key } = data;
  const jsonpaths = logJsonpathsKey === null ? [] : [`${bucketArn}/${logJsonpathsKey}`];
  return [
    {
      Sid: 'ReadFiles',
      Effect: 'Allow',
      Action: ['s3:GetObject'],
      Resource: [`${bucketArn}/${logPrefix}*`, `${bucketArn}/${songPrefix}*`, ...jsonpaths],
    },
    {
      Sid: 'ReadStateOfConsumers',
      Effect: 'Allow',
      // `sparkify status` reads what consumers write there; other work files hold rows.
      Action: ['s3:GetObject'],
      Resource: [`${bucketArn}/${workPrefix}state/*`],
    },
    {
      Sid: 'WriteWorkFiles',
      Effect: 'Allow',
      // Parts hold rows; they are deleted when their load is over.
      Action: ['s3:PutObject', 's3:DeleteObject'],
      Resource: [`${bucketArn}/${workPrefix}*`],
    },
    // Without a condition on the prefix: S3 says "not found" of an object that is gone only to those who may list the
    // bucket (S3 API, "GetObject"), and a file that is gone must not look like one that is forbidden.
    { Sid: 'List', Effect: 'Allow', Action: ['s3:ListBucket'], Resource: [bucketArn] },
    // Reading takes the one, writing the other (S3 docs, "Using server-side encryption with AWS KMS keys").
    ...throughS3(key, ['kms:Decrypt', 'kms:GenerateDataKey']),
  ];
}

/** The key of the files, by way of S3 only. */
export function throughS3(key: DataPlace['key'], actions: readonly string[]): Statement[] {
  if (key === null) return [];
  const condition = { StringEquals: { 'kms:ViaService': `s3.${key.region}.amazonaws.com` } };
  return [{ Sid: 'KeyOfFiles', Effect: 'Allow', Action: actions, Resource: [key.arn], Condition: condition }];
}

function queueStatements(queueArn: string, deadLetterQueueArn: string): Statement[] {
  return [
    {
      Sid: 'Receive',
      Effect: 'Allow',
      Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
      Resource: [queueArn],
    },
    // For moving a message there, and for `sparkify status`, which counts them. `sparkify dead-letters` uses the credentials of a person.
    {
      Sid: 'DeadLetters',
      Effect: 'Allow',
      Action: ['sqs:SendMessage', 'sqs:GetQueueAttributes'],
      Resource: [deadLetterQueueArn],
    },
  ];
}

function warehouseStatements(login: WarehouseLogin): Statement[] {
  return [
    {
      Sid: 'Submit',
      Effect: 'Allow',
      Action: ['redshift-data:BatchExecuteStatement'],
      Resource: [warehouseArn(login)],
    },
    {
      Sid: 'OwnStatements',
      Effect: 'Allow',
      Action: ['redshift-data:DescribeStatement', 'redshift-data:GetStatementResult', 'redshift-data:CancelStatement'],
      // Statements have no ARN; the condition leaves those of others alone (Redshift docs, "Authorizing access to the
      // Data API").
      Resource: ['*'],
      Condition: { StringEquals: { 'redshift-data:statement-owner-iam-userid': '${aws:userid}' } },
    },
    loginStatement(login),
  ];
}

function warehouseArn(login: WarehouseLogin): string {
  switch (login.kind) {
    case 'cluster-user':
      return login.clusterArn;
    case 'workgroup-role':
      return login.workgroupArn;
    case 'secret':
      return login.warehouseArn;
  }
}

/** Temporary credentials for the one user, or the one secret (Redshift docs, "Choosing database authentication"). */
function loginStatement(login: WarehouseLogin): Statement {
  switch (login.kind) {
    case 'cluster-user':
      return {
        Sid: 'LogIn',
        Effect: 'Allow',
        Action: ['redshift:GetClusterCredentials'],
        Resource: [login.dbUserArn, login.dbNameArn],
      };
    case 'workgroup-role':
      return {
        Sid: 'LogIn',
        Effect: 'Allow',
        Action: ['redshift-serverless:GetCredentials'],
        Resource: [login.workgroupArn],
      };
    case 'secret':
      return {
        Sid: 'LogIn',
        Effect: 'Allow',
        Action: ['secretsmanager:GetSecretValue'],
        Resource: [login.secretArn],
      };
  }
}
