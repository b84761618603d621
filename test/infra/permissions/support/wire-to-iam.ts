import type { ObservedCall } from '../../../support/fault-proxy.ts';
import { operationOf } from '../../../support/effect.ts';
import type { Asked, Part } from './asked.ts';

/** The names that the embedded stack gave to the parts of the place where calls are recorded. */
export type RecordedPlace = { readonly bucket: string; readonly queue: string; readonly deadLetterQueue: string };

/**
 * What a request on the wire needs of IAM. Every operation has a row here or the recording fails: a call that is new in
 * the service is either looked up in the Service Authorization Reference or not made.
 *
 * @throws Error for an operation, a parameter or a name that no row knows.
 */
export function askedBy(call: ObservedCall, place: RecordedPlace): readonly Asked[] {
  const target = call.request.headers['x-amz-target'];
  if (typeof target !== 'string') return askedOfS3(call, place);
  const [service] = target.split('.');
  if (service === 'AmazonSQS') return [askedOfSqs(call, place)];
  if (service === 'RedshiftData') return [askedOfDataApi(call)];
  throw new Error(`${target}: a service that this test does not know; add what it needs of IAM to wire-to-iam.ts`);
}

/** Operation to action (Service Authorization Reference, "Amazon S3"). */
const S3_ACTIONS: Readonly<Record<string, string>> = {
  GetObject: 's3:GetObject',
  PutObject: 's3:PutObject',
  DeleteObjects: 's3:DeleteObject',
  ListObjectsV2: 's3:ListBucket',
};

/** What needs no more than the operation itself; others (`versionId`, `tagging`, …) ask for further actions. */
const S3_PARAMETERS: ReadonlySet<string> = new Set([
  'x-id',
  'delete',
  'list-type',
  'prefix',
  'encoding-type',
  'continuation-token',
  'max-keys',
]);
const S3_HEADERS =
  /^x-amz-(?:content-sha256|date|user-agent|security-token|decoded-content-length|trailer|sdk-.*|checksum-.*)$/;

function askedOfS3(call: ObservedCall, place: RecordedPlace): readonly Asked[] {
  const { request, answer } = call;
  const operation = operationOf(request);
  const action = S3_ACTIONS[operation];
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://any');
  const unknown = [
    ...[...searchParams.keys()].filter((name) => !S3_PARAMETERS.has(name)),
    ...Object.keys(request.headers).filter((name) => name.startsWith('x-amz-') && !S3_HEADERS.test(name)),
  ];
  if (action === undefined || unknown.length > 0) {
    const seen = `${request.method ?? ''} ${request.url ?? ''} (${operation}${unknown.map((name) => `, ${name}`).join('')})`;
    throw new Error(`${seen}: look up which actions of IAM it needs and add them to wire-to-iam.ts`);
  }
  const [, bucket = '', ...rest] = pathname.split('/').map(decodeURIComponent);
  if (bucket !== place.bucket) throw new Error(`${operation} on ${bucket}: the bucket of the place is ${place.bucket}`);
  const key = rest.join('/');
  if (operation === 'ListObjectsV2') {
    const prefix = searchParams.get('prefix');
    return [
      { action, on: { kind: 'bucket' }, context: prefix === null ? {} : { 's3:prefix': prefix }, call: operation },
    ];
  }
  if (operation === 'DeleteObjects') {
    const keys = [...call.body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, named = '']) => named);
    return keys.map((named) => ({ action, on: { kind: 'object', key: named }, context: {}, call: operation }));
  }
  const asked = { action, on: { kind: 'object', key } as const, context: {}, call: operation };
  // That an object is not there is told only to those who may list it; others get 403 (S3 API reference, "GetObject").
  // No document says that the key stands for the prefix then, so it must do without a prefix.
  const mayKnow = { action: 's3:ListBucket', on: { kind: 'bucket' } as const, context: {} };
  return answer.status === 404 ? [asked, { ...mayKnow, call: `${operation} of an object that is gone` }] : [asked];
}

/** Operation to action; a batch needs the action of its entries (SQS API reference, "AddPermission"). */
const SQS_ACTIONS: Readonly<Record<string, string>> = {
  ReceiveMessage: 'sqs:ReceiveMessage',
  DeleteMessageBatch: 'sqs:DeleteMessage',
  ChangeMessageVisibilityBatch: 'sqs:ChangeMessageVisibility',
  GetQueueAttributes: 'sqs:GetQueueAttributes',
  GetQueueUrl: 'sqs:GetQueueUrl',
  SendMessage: 'sqs:SendMessage',
};

function askedOfSqs({ request, body }: ObservedCall, place: RecordedPlace): Asked {
  const call = operationOf(request);
  const action = SQS_ACTIONS[call];
  if (action === undefined) throw new Error(`SQS ${call}: look up which action of IAM it needs, for wire-to-iam.ts`);
  const { QueueUrl, QueueName } = JSON.parse(body.toString()) as { QueueUrl?: string; QueueName?: string };
  const name = QueueName ?? QueueUrl?.split('/').at(-1) ?? '';
  return { action, on: queueNamed(name, place, call), context: {}, call };
}

function queueNamed(name: string, place: RecordedPlace, call: string): Part {
  if (name === place.queue) return { kind: 'queue' };
  if (name === place.deadLetterQueue) return { kind: 'dead-letter queue' };
  throw new Error(`${call} on the queue ${name}, which is none of the place's`);
}

/** Actions that name no resource; AWS says whose the statement is (Redshift docs, "Configuring IAM permissions"). */
const ON_A_STATEMENT: ReadonlySet<string> = new Set(['DescribeStatement', 'GetStatementResult', 'CancelStatement']);
/** What AWS puts for `${aws:userid}` when a role asks: the role's id and the name of its session. */
export const USER_ID = 'AROAEXAMPLE:0123456789abcdef';

function askedOfDataApi({ request, body }: ObservedCall): Asked {
  const call = operationOf(request);
  const action = `redshift-data:${call}`;
  if (ON_A_STATEMENT.has(call)) {
    return { action, on: { kind: 'anything' }, context: { 'redshift-data:statement-owner-iam-userid': USER_ID }, call };
  }
  if (call !== 'BatchExecuteStatement') {
    throw new Error(`Data API ${call}: look up which actions of IAM it needs and add them to wire-to-iam.ts`);
  }
  const { SessionId } = JSON.parse(body.toString()) as { SessionId?: string };
  const context = SessionId === undefined ? {} : { 'redshift-data:session-owner-iam-userid': USER_ID };
  return { action, on: { kind: 'warehouse' }, context, call: SessionId === undefined ? call : `${call} in a session` };
}
