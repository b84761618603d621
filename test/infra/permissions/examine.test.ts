import { describe, expect, it } from 'vitest';
import { denied, letThrough, superfluous, tooBroad } from './support/examine.ts';
import type { IamRequest, PlacedPolicy } from './support/decide.ts';
import { parsePolicy } from './support/policy.ts';
import type { Statement } from './support/policy.ts';

const AT = { account: '111122223333', region: 'eu-west-1' };
const ROLE = 'arn:aws:iam::111122223333:role/service';
const QUEUE = 'arn:aws:sqs:eu-west-1:111122223333:files';
const BUCKET = 'arn:aws:s3:::data';

const receives = ask('sqs:ReceiveMessage', QUEUE);
const lists = ask('s3:ListBucket', BUCKET, { context: { 's3:prefix': 'log_data/' } });
const listsAll = ask('s3:ListBucket', BUCKET, { context: { 's3:prefix': '' } });
const sends = ask('sqs:SendMessage', QUEUE, { principal: 's3.amazonaws.com', context: { 'aws:SourceArn': BUCKET } });
const strangerSends = { ...sends, context: { 'aws:SourceArn': 'arn:aws:s3:::other' } };
const openly = ask('s3:GetObject', `${BUCKET}/log_data/1.json`, { context: { 'aws:SecureTransport': 'false' } });
const demands = {
  needed: [receives, lists, sends, ask('s3:GetObject', `${BUCKET}/log_data/1.json`)],
  forbidden: [listsAll, strangerSends, openly],
};

const RECEIVE: Statement = { Sid: 'Receive', Effect: 'Allow', Action: ['sqs:ReceiveMessage'], Resource: [QUEUE] };
const READ: Statement = { Sid: 'Read', Effect: 'Allow', Action: 's3:GetObject', Resource: `${BUCKET}/log_data/*` };
const LIST: Statement = {
  Sid: 'List',
  Effect: 'Allow',
  Action: 's3:ListBucket',
  Resource: BUCKET,
  Condition: { StringLike: { 's3:prefix': 'log_data/*' } },
};
const SEND: Statement = {
  Sid: 'Send',
  Effect: 'Allow',
  Principal: { Service: 's3.amazonaws.com' },
  Action: 'sqs:SendMessage',
  Resource: QUEUE,
  Condition: { ArnEquals: { 'aws:SourceArn': BUCKET } },
};
const TLS_ONLY: Statement = {
  Sid: 'TlsOnly',
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: `${BUCKET}/*`,
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};
const JUST_RIGHT = [identity(RECEIVE, READ, LIST), ofQueue(SEND), ofBucket(TLS_ONLY)];

describe('exact policies', () => {
  it('allow every needed call, refuse all others and contain nothing superfluous', async () => {
    expect(await denied(demands, JUST_RIGHT, AT)).toEqual([]);
    expect(await letThrough(demands, JUST_RIGHT, AT)).toEqual([]);
    expect(await superfluous(demands, JUST_RIGHT, AT)).toEqual([]);
    expect(await tooBroad(JUST_RIGHT)).toEqual([]);
  });
});

describe('the examination finds', () => {
  const [, queuePolicy, bucketPolicy] = JUST_RIGHT as [PlacedPolicy, PlacedPolicy, PlacedPolicy];
  const around = (policy: PlacedPolicy) => [policy, queuePolicy, bucketPolicy];

  it('an action that no call needs', async () => {
    const policies = around(identity({ ...RECEIVE, Action: ['sqs:ReceiveMessage', 'sqs:PurgeQueue'] }, READ, LIST));
    expect(await superfluous(demands, policies, AT)).toEqual(['of the role: statement Receive without sqs:PurgeQueue']);
  });

  it('a resource that no call touches', async () => {
    const policies = around(identity({ ...RECEIVE, Resource: [QUEUE, `${QUEUE}-other`] }, READ, LIST));
    expect(await superfluous(demands, policies, AT)).toEqual([`of the role: statement Receive without ${QUEUE}-other`]);
  });

  it('two statements that say the same', async () => {
    const policies = around(identity(RECEIVE, { ...RECEIVE, Sid: 'Again' }, READ, LIST));
    expect((await superfluous(demands, policies, AT)).join()).toContain('statement Again');
  });

  it('a condition that refuses no call', async () => {
    const condition = { StringEquals: { 'aws:PrincipalAccount': '111122223333' } };
    const policies = around(identity({ ...RECEIVE, Condition: condition }, READ, LIST));
    expect(await superfluous(demands, policies, AT)).toEqual([
      'of the role: statement Receive without StringEquals aws:PrincipalAccount',
    ]);
  });

  it('a denial that refuses no call', async () => {
    const policies = [...JUST_RIGHT.slice(0, 2), ofBucket({ ...TLS_ONLY, Resource: 'arn:aws:s3:::another/*' })];
    expect(await letThrough(demands, policies, AT)).toHaveLength(1);
    expect(await superfluous(demands, policies, AT)).toContain(
      'of the bucket: statement TlsOnly without arn:aws:s3:::another/*',
    );
  });

  it('a permission that is missing, by the call that needs it', async () => {
    const [missing] = await denied(demands, around(identity(READ, LIST)), AT);
    expect(missing).toBe(`sqs:ReceiveMessage on ${QUEUE} by ${ROLE} (a test)`);
  });

  it('a pattern of actions, an action that does not exist, and * for something that has a name', async () => {
    const found = await tooBroad([
      identity({ ...RECEIVE, Action: ['sqs:Receive*', 'sqs:DeleteMessageBatch', 'sqs:ReceiveMessage'], Resource: '*' }),
    ]);
    expect(found).toEqual([
      'of the role: the action sqs:Receive*',
      'of the role: the action sqs:DeleteMessageBatch',
      'of the role: sqs:ReceiveMessage on *',
    ]);
  });

  it('an element of a policy that the mutations would leave alone', () => {
    const text = JSON.stringify({ Version: '2012-10-17', Statement: [{ ...RECEIVE, NotAction: 'sqs:PurgeQueue' }] });
    expect(() => parsePolicy(text)).toThrow('NotAction');
  });
});

function ask(
  action: string,
  resource: string,
  more: Partial<Pick<IamRequest, 'principal' | 'context'>> = {},
): IamRequest {
  return { principal: ROLE, action, resource, context: {}, because: 'a test', through: null, ...more };
}

function identity(...Statement: readonly Statement[]): PlacedPolicy {
  return { name: 'of the role', kind: 'identity', of: ROLE, document: { Version: '2012-10-17', Statement } };
}

function ofQueue(...Statement: readonly Statement[]): PlacedPolicy {
  return { name: 'of the queue', kind: 'resource', of: QUEUE, document: { Version: '2012-10-17', Statement } };
}

function ofBucket(...Statement: readonly Statement[]): PlacedPolicy {
  return { name: 'of the bucket', kind: 'resource', of: BUCKET, document: { Version: '2012-10-17', Statement } };
}
