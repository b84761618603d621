import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** A call that changes something on the other side, named so that the same step of another run has the same name. */
export type Effect = {
  /** What makes two calls the same step: operation and name, and for SQL the shape of its statements. */
  readonly id: string;
  /** For people: `statement "sparkify publish"`, `PutObject manifest.json`. */
  readonly name: string;
};

/**
 * The only list that is written by hand: what can be asked again and again without changing anything. All else has an
 * effect; receiving too, because it takes messages away from others.
 */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'DescribeClusters',
  'GetBucketLocation',
  'GetBucketNotificationConfiguration',
  'GetObject',
  'ListObjectsV2',
  'GetQueueAttributes',
  'GetQueueUrl',
  'DescribeStatement',
  'GetStatementResult',
]);

/** The operation of a call to S3 (as the SDK names it in `x-id`), SQS or the Data API (`x-amz-target`). */
export function operationOf({ headers, method, url }: IncomingMessage): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.split('.').at(-1) ?? '';
  const { searchParams } = new URL(url ?? '/', 'http://any');
  if (searchParams.get('list-type') === '2') return 'ListObjectsV2';
  if (searchParams.has('delete')) return 'DeleteObjects';
  if (searchParams.has('location')) return 'GetBucketLocation';
  if (searchParams.has('notification')) return 'GetBucketNotificationConfiguration';
  // The only operation of the management API that a command calls; its name is in the body.
  if (headers['content-type']?.includes('form-urlencoded') === true) return 'DescribeClusters';
  return searchParams.get('x-id') ?? (method === 'GET' ? 'GetObject' : `${method ?? ''} ?`);
}

/** @returns `null` for a call without effect. */
export function effectOf(request: IncomingMessage, body: Buffer): Effect | null {
  const operation = operationOf(request);
  if (WITHOUT_EFFECT.has(operation)) return null;
  const { pathname } = new URL(request.url ?? '/', 'http://any');
  // The state of a consumer, which only people read, is written whenever something changed.
  if (pathname.includes('/sparkify-work/state/')) return null;
  // Names its objects in the body.
  if (operation === 'DeleteObjects') return same(operation);
  if (request.headers['x-amz-target'] === undefined) {
    // Every attempt at a load has its own manifest and parts.
    const file = (decodeURIComponent(pathname).split('/').at(-1) ?? '').replace(/^(manifest|part)-[0-9a-z]+/, '$1');
    return same(`${operation} ${withoutIds(file)}`);
  }
  const input = JSON.parse(body.toString()) as Input;
  const sqls = input.Sqls ?? (input.Sql === undefined ? [] : [input.Sql]);
  if (sqls.length === 0) return same(`${operation}${handsBack(input) ? ' to 0' : ''}`);
  const name = `statement "${withoutIds(input.StatementName ?? '')}"`;
  return { name, id: `${operation} ${name} ${shapeOf(sqls)}` };
}

type Input = {
  readonly Sql?: string;
  readonly Sqls?: readonly string[];
  readonly StatementName?: string;
  readonly Entries?: readonly { readonly VisibilityTimeout?: number }[];
};

/** Making a message visible again and keeping it invisible are two things under one operation. */
function handsBack({ Entries = [] }: Input): boolean {
  return Entries.some(({ VisibilityTimeout }) => VisibilityTimeout === 0);
}

function same(name: string): Effect {
  return { id: name, name };
}

/** Batch ids and the like differ in every run. */
function withoutIds(text: string): string {
  return text
    .replaceAll(/\d{8}T\d{6}-[0-9a-f]{12}/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/**
 * Two transactions of one name may be of different kinds: publishing songs is not publishing logs. What the first transaction of
 * a session sets makes no difference, nor do the totals, which the first publish of a process and of an hour adds up.
 */
function shapeOf(sqls: readonly string[]): string {
  const work = sqls.filter((sql) => !sql.startsWith('set ') && !/^(?:--[^\n]*\n|\s)*update ingest_totals/.test(sql));
  const shape = work.map((sql) => sql.replaceAll(/'(?:[^']|'')*'|"[^"]*"|\d+/g, '?')).join(';');
  return createHash('md5').update(shape).digest('hex').slice(0, 8);
}
