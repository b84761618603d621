import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import type { ObservedCall } from '../../support/fault-proxy.ts';
import { askedBy } from './support/wire-to-iam.ts';

const PLACE = { bucket: 'data', queue: 'files', deadLetterQueue: 'files-dead-letters' };

it.each([
  ['an operation of S3', s3('DELETE', '/data/log_data/1.json?x-id=DeleteObject'), 'DeleteObject'],
  ['a parameter that needs an action of its own', s3('GET', '/data/log_data/1.json?versionId=7'), 'versionId'],
  ['a header that needs one', s3('PUT', '/data/w/1?x-id=PutObject', { 'x-amz-tagging': 'a=b' }), 'x-amz-tagging'],
  ['a bucket that is not ours', s3('GET', '/other/log_data/1.json'), 'the bucket of the place is data'],
  ['an operation of SQS', json('AmazonSQS.PurgeQueue', { QueueUrl: 'http://any/000000000000/files' }), 'PurgeQueue'],
  [
    'a queue that is not ours',
    json('AmazonSQS.ReceiveMessage', { QueueUrl: 'http://any/000000000000/theirs' }),
    'the queue theirs',
  ],
  ['an operation of the Data API', json('RedshiftData.ListStatements', {}), 'ListStatements'],
  ['another service', json('SecretsManager.GetSecretValue', {}), 'SecretsManager.GetSecretValue'],
])('%s that no row knows stops the recording', (_what, call, named) => {
  expect(() => askedBy(call, PLACE)).toThrow(named);
});

it('deleting asks for every object that its body names', () => {
  const body = Buffer.from('<Delete><Object><Key>w/1</Key></Object><Object><Key>w/2</Key></Object></Delete>');
  const asked = askedBy({ ...s3('POST', '/data?delete'), body }, PLACE);
  expect(asked.map(({ action, on }) => [action, on])).toEqual([
    ['s3:DeleteObject', { kind: 'object', key: 'w/1' }],
    ['s3:DeleteObject', { kind: 'object', key: 'w/2' }],
  ]);
});

it('an object that is gone asks for listing too: S3 says "gone" only to those who may list', () => {
  const asked = askedBy({ ...s3('GET', '/data/log_data/1.json'), answer: answer(404) }, PLACE);
  expect(asked.map(({ action, on }) => [action, on])).toEqual([
    ['s3:GetObject', { kind: 'object', key: 'log_data/1.json' }],
    ['s3:ListBucket', { kind: 'bucket' }],
  ]);
});

it('a batch call asks for the action of its entries, and a key is asked for as it is and not as it is written', () => {
  const QueueUrl = 'http://any/000000000000/files';
  expect(askedBy(json('AmazonSQS.DeleteMessageBatch', { QueueUrl }), PLACE)).toMatchObject([
    { action: 'sqs:DeleteMessage', on: { kind: 'queue' } },
  ]);
  expect(askedBy(s3('GET', '/data/log_data/a%20b%2Bc.json?x-id=GetObject'), PLACE)).toMatchObject([
    { action: 's3:GetObject', on: { kind: 'object', key: 'log_data/a b+c.json' } },
  ]);
});

function s3(method: string, url: string, headers: Readonly<Record<string, string>> = {}): ObservedCall {
  return { request: request({ method, url, headers }), body: Buffer.from(''), answer: answer(200) };
}

function json(target: string, body: object): ObservedCall {
  const headers = { 'x-amz-target': target };
  const made = request({ method: 'POST', url: '/', headers });
  return { request: made, body: Buffer.from(JSON.stringify(body)), answer: answer(200) };
}

function answer(status: number): ObservedCall['answer'] {
  return { status, headers: {}, body: Buffer.from('') };
}

function request(of: { method: string; url: string; headers: Readonly<Record<string, string>> }): IncomingMessage {
  return Object.assign(new IncomingMessage(new Socket()), of);
}
