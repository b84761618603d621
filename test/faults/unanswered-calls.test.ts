import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { BatchExecuteStatementCommand, DescribeStatementCommand } from '@aws-sdk/client-redshift-data';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../../src/app/real.ts';
import { checkQueue } from '../../src/aws/check-queue.ts';
import { createClients } from '../../src/aws/clients.ts';
import { DataApiCalls } from '../../src/aws/data-api-calls.ts';
import { createS3ObjectStore } from '../../src/aws/s3-object-store.ts';
import { sendMessages } from '../../src/aws/send-messages.ts';
import { SqsQueue } from '../../src/aws/sqs-queue.ts';
import { createSurroundings } from '../../src/aws/surroundings.ts';
import { BOUNDS, scaledBounds } from '../../src/core/bounds.ts';
import type { Bounds } from '../../src/core/bounds.ts';
import { IngestError } from '../../src/core/errors.ts';
import type { BatchCallResult } from '../../src/core/ports.ts';
import { READ_LIMITS } from '../../src/loaders/load-context.ts';
import { PROBED_OBJECTS } from '../../src/loaders/probe-objects.ts';
import { readObject } from '../support/read-object.ts';
import { useStack } from '../support/stack.ts';
import { waitUntil } from '../support/wait-until.ts';
import { operationOf } from '../support/effect.ts';
import { FaultProxy, obey } from '../support/fault-proxy.ts';
import type { Answer, Fate } from '../support/fault-proxy.ts';

/** Connecting takes longer on a busy machine, and this test does not delay connections. */
const SHORT: Bounds = { ...scaledBounds(0.01), connectMs: BOUNDS.connectMs };
const NEVER = new AbortController().signal;
const MESSAGE = { messageId: 'm', receiptHandle: 'handle', body: 'b', receiveCount: 1, sentAtMs: 0 };
const KEY = 'log_data/day.json';

const stack = useStack();
let proxy: FaultProxy;
let place: {
  readonly bucket: string;
  readonly queueUrl: string;
  readonly environment: Readonly<Record<string, string>>;
};
let statementId = '';

beforeAll(async () => {
  place = await stack.place({ notifiedPrefixes: [] });
  await stack.s3.send(new PutObjectCommand({ Bucket: place.bucket, Key: KEY, Body: '{"a": 1}\n'.repeat(100) }));
  const { ClusterIdentifier, Database, DbUser } = target();
  const submitted = await stack.redshiftData.send(
    new BatchExecuteStatementCommand({ ClusterIdentifier, Database, DbUser, Sqls: ['select 1', 'select 2'] }),
  );
  await waitUntil(
    async () => {
      const state = await stack.redshiftData.send(new DescribeStatementCommand({ Id: submitted.Id }));
      return state.Status === 'FINISHED';
    },
    { what: 'a finished statement' },
  );
  statementId = submitted.Id ?? '';
  await sendMessages(stack.sqs, place.queueUrl, ['A message that makes an answer long.']);
  proxy = await FaultProxy.start(place.environment);
  // Clients that are made from now on go through the proxy.
  Object.assign(process.env, proxy.environment);
});
afterAll(async () => {
  await proxy.stop();
});

function target() {
  const { environment } = place;
  return {
    ClusterIdentifier: environment['SPARKIFY_CLUSTER_IDENTIFIER'],
    Database: environment['SPARKIFY_DATABASE'],
    DbUser: environment['SPARKIFY_DB_USER'],
  };
}

/** The adapters of the service on clients with these bounds. */
function adapters(bounds: Bounds) {
  const clients = createClients(stack.environment['AWS_REGION'] ?? '', bounds);
  const queueUrl = proxy.environment['SPARKIFY_QUEUE_URL'] ?? '';
  return {
    clients,
    queueUrl,
    store: createS3ObjectStore(clients.s3),
    queue: new SqsQueue({ client: clients.sqs, queueUrl, deadLetterQueueUrl: queueUrl }),
    surroundings: createSurroundings(clients),
    dataApi: new DataApiCalls({ client: clients.redshiftData, clock: realClock, random: () => 0, bounds }),
  };
}
type Adapters = ReturnType<typeof adapters>;

type Ask = (adapters: Adapters, signal: AbortSignal) => Promise<unknown>;
type Row = { readonly service: 'S3' | 'SQS' | 'the Data API' | 'the Redshift API'; readonly ask: Ask };
const asked = (signal: AbortSignal) => ({ isLasting: false, signal });

/** Every call that the service makes, by its operation. */
const CALLS: Readonly<Record<string, Row>> = {
  PutObject: {
    service: 'S3',
    ask: async ({ store }, signal) =>
      await store.put({ bucket: place.bucket, key: 'put.json', body: '{}', contentType: 'application/json', signal }),
  },
  DeleteObjects: {
    service: 'S3',
    ask: async ({ store }, signal) => {
      await store.remove({ bucket: place.bucket, keys: ['put.json'], signal });
    },
  },
  GetObject: {
    service: 'S3',
    ask: async ({ store }, signal) => await readObject(store, { bucket: place.bucket, key: KEY, signal }),
  },
  ListObjectsV2: {
    service: 'S3',
    ask: async ({ store }, signal) => {
      for await (const page of store.list({ bucket: place.bucket, prefix: 'log_data/', signal })) {
        expect(page).toHaveLength(1);
      }
    },
  },
  GetBucketLocation: {
    service: 'S3',
    ask: async ({ surroundings }, signal) => await surroundings.bucketRegion(place.bucket, signal),
  },
  GetBucketNotificationConfiguration: {
    service: 'S3',
    ask: async ({ surroundings }, signal) => await surroundings.notifications(place.bucket, signal),
  },
  DescribeClusters: {
    service: 'the Redshift API',
    ask: async ({ surroundings }, signal) =>
      await surroundings.clusterRoles(place.environment['SPARKIFY_CLUSTER_IDENTIFIER'] ?? '', signal),
  },
  ReceiveMessage: {
    service: 'SQS',
    // An aborted receive has received nothing.
    ask: async ({ queue }, signal) => {
      await queue.receive({ max: 10, waitSeconds: 1, visibilitySeconds: 30, signal });
      signal.throwIfAborted();
    },
  },
  DeleteMessageBatch: {
    service: 'SQS',
    ask: async ({ queue }, signal) => throwFailed(await queue.delete(['handle'], signal)),
  },
  ChangeMessageVisibilityBatch: {
    service: 'SQS',
    ask: async ({ queue }, signal) => throwFailed(await queue.changeVisibility(['handle'], 30, signal)),
  },
  SendMessage: {
    service: 'SQS',
    ask: async ({ queue }, signal) => {
      await queue.park(MESSAGE, 'reason', signal);
    },
  },
  SendMessageBatch: {
    service: 'SQS',
    // Only the demo sends messages, and it ends without a signal.
    ask: async ({ clients, queueUrl }, signal) => {
      signal.throwIfAborted();
      await sendMessages(clients.sqs, queueUrl, ['body']);
    },
  },
  GetQueueAttributes: {
    service: 'SQS',
    ask: async ({ clients, queueUrl }, signal) => await checkQueue(clients.sqs, queueUrl, signal),
  },
  GetQueueUrl: {
    service: 'SQS',
    ask: async ({ clients, queueUrl }, signal) => {
      const queue = new SqsQueue({ client: clients.sqs, queueUrl, deadLetterQueueUrl: null });
      await queue.park(MESSAGE, 'reason', signal);
    },
  },
  BatchExecuteStatement: {
    service: 'the Data API',
    ask: async ({ dataApi }, signal) =>
      await dataApi.submit({ ...target(), StatementName: 'name', Sqls: ['select 1'], ClientToken: 't' }, asked(signal)),
  },
  DescribeStatement: {
    service: 'the Data API',
    ask: async ({ dataApi }, signal) => await dataApi.describe(statementId, 'name', asked(signal)),
  },
  GetStatementResult: {
    service: 'the Data API',
    ask: async ({ dataApi }, signal) => await dataApi.resultPage(`${statementId}:1`, undefined, signal),
  },
  CancelStatement: {
    service: 'the Data API',
    ask: async ({ dataApi }) => await dataApi.cancel(statementId),
  },
};

function throwFailed({ failed }: BatchCallResult): void {
  for (const { code, sentence } of failed) {
    if (sentence !== undefined) throw new IngestError(code as 'endpoint_unreachable', sentence);
  }
}

/** What a healthy server says to each call. */
const answers = new Map<string, Answer>();

/** Lets one operation meet this fate for as long as the action lasts. @returns how often it was called. */
async function meeting(operation: string, fate: Fate, act: () => Promise<unknown>): Promise<number> {
  let calls = 0;
  const open = new Set<object>();
  proxy.decide(async (effect, forward, incoming) => {
    if (operationOf(incoming) !== operation) return await obey(effect, forward);
    calls += 1;
    const { socket } = incoming;
    if (!socket.destroyed) open.add(socket);
    socket.once('close', () => open.delete(socket));
    return fate;
  });
  try {
    await act();
  } finally {
    proxy.decide(obey);
  }
  // The call does not continue in the background.
  await waitUntil(() => open.size === 0, { what: `all connections of ${operation} to be closed` });
  return calls;
}

it('has a row for every call of the service', () => {
  const folder = new URL('../../src/aws/', import.meta.url);
  // Calls of a person's commands: their operation is in the body, or a person sees that they do not end. Their clients have the same bounds.
  const ofPerson = ['redshift-cluster.ts', 'caller-identity.ts'];
  const files = readdirSync(folder).filter((name) => !ofPerson.includes(name));
  const sources = files.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n');
  const operations = [...sources.matchAll(/new (\w+)Command\(/g)].map(([, operation]) => operation);
  const rows = [...Object.keys(CALLS), 'DeleteMessage'];
  expect([...new Set(operations)].toSorted()).toEqual(rows.toSorted());
});

describe.each(Object.entries(CALLS))('%s', (operation, { ask, service }) => {
  let answer: Answer;
  beforeAll(async () => {
    const { clients, ...rest } = adapters(BOUNDS);
    proxy.observe = (call) => {
      if (operationOf(call.request) === operation) answers.set(operation, call.answer);
    };
    await ask({ clients, ...rest }, NEVER);
    clients.destroy();
    answer = answers.get(operation) ?? expect.fail(`${operation} was not called`);
  });

  const fates: readonly [string, () => Fate, RegExp][] = [
    ['accepts and never answers', () => 'never', /did not answer \w+ within 0\.\d+ s/],
    [
      'stops in the middle of its answer',
      () => ({ kind: 'stop', afterBytes: Math.ceil(answer.body.byteLength / 2) || 40, answer }),
      /sent (?:nothing for|only) .*[\d,]+ of [\d,]+ bytes of its response to \w+|did not answer \w+ within 0\.\d+ s/,
    ],
    [
      'sends its answer in a trickle',
      () => ({ kind: 'trickle', bytes: 1, everyMs: 40, answer }),
      /sent only [\d,]+ of [\d,]+ bytes of its response to \w+ in 0\.\d+ s|did not answer \w+ within 0\.\d+ s/,
    ],
  ];

  it.each(fates)(
    '%s: the call ends in time, and its error names who did not answer what',
    async (_what, fate, seen) => {
      const { clients, ...rest } = adapters(SHORT);
      let error: unknown = null;
      const calls = await meeting(operation, fate(), async () => {
        error = await ask({ clients, ...rest }, NEVER).catch((thrown: unknown) => thrown);
      });
      clients.destroy();
      // As many as fit into the bound of the whole call, without the pauses between; a loop around it would make a multiple.
      expect(calls).toBeLessThan(SHORT.toldWithinMs / SHORT.firstAnswerMs);
      if (operation === 'CancelStatement') return;
      expect(error).toMatchObject({ code: 'endpoint_unreachable' });
      const { message } = error as IngestError;
      expect(message).toMatch(seen);
      expect(message).toMatch(new RegExp(`${service} at 127\\.0\\.0\\.1:\\d+ .*\\b${operation}\\b`));
    },
  );

  it('that never answers ends at once when its caller gives up', async () => {
    if (['CancelStatement', 'SendMessageBatch'].includes(operation)) return;
    const { clients, ...rest } = adapters(BOUNDS);
    const abort = new AbortController();
    const ended = meeting(operation, 'never', async () => {
      const result = ask({ clients, ...rest }, abort.signal).catch((thrown: unknown) => thrown);
      await delay(50);
      abort.abort();
      expect(await result).toBeInstanceOf(Error);
    });
    expect(await ended).toBeLessThanOrEqual(1);
    clients.destroy();
  });
});

it('an object is read while the most that a load asks for at once get no answer', async () => {
  const { clients, store } = adapters(BOUNDS);
  const abort = new AbortController();
  const silent = '/silent.json';
  proxy.decide(async (effect, forward, incoming) =>
    (incoming.url ?? '').includes(silent) ? 'never' : await obey(effect, forward),
  );
  let ended = 0;
  const asks = Array.from({ length: READ_LIMITS.readsAtOnce * PROBED_OBJECTS }, async () => {
    await store.probe({ bucket: place.bucket, key: silent.slice(1), signal: abort.signal }).catch(() => null);
    ended += 1;
  });
  await readObject(store, { bucket: place.bucket, key: KEY, signal: NEVER });
  expect(ended).toBe(0);
  abort.abort();
  await Promise.all(asks);
  proxy.decide(obey);
  clients.destroy();
});

it('the renewal of a short lease is given up while there is time for another', async () => {
  const { clients, queue } = adapters(SHORT);
  let failed: BatchCallResult['failed'] = [];
  await meeting('ChangeMessageVisibilityBatch', 'never', async () => {
    ({ failed } = await queue.changeVisibility(['handle'], 10, NEVER));
  });
  expect(failed[0]?.sentence).toMatch(/did not answer ChangeMessageVisibilityBatch within 0\.0\d+ s/);
  clients.destroy();
});

describe('a submission that gets no answer', () => {
  it('is repeated under its token, and a statement with an effect ends as outcome_unknown', async () => {
    const { clients, dataApi } = adapters(SHORT);
    const input = { ...target(), StatementName: 'name', Sqls: ['select 1'], ClientToken: 't' };
    let error: unknown = null;
    const calls = await meeting('BatchExecuteStatement', 'never', async () => {
      error = await dataApi.submit(input, { isLasting: true, signal: NEVER }).catch((thrown: unknown) => thrown);
    });
    expect(calls).toBe(2);
    expect(error).toMatchObject({
      code: 'outcome_unknown',
      message: expect.stringMatching(/the Data API at .* did not answer.*; the statement may have run\.$/) as string,
    });
    clients.destroy();
  });

  it('whose answer came back in part counts as one that may have run', async () => {
    const { clients, dataApi } = adapters(SHORT);
    const answer = answers.get('BatchExecuteStatement') ?? expect.fail('no answer');
    const input = { ...target(), StatementName: 'name', Sqls: ['select 1'], ClientToken: 't' };
    const submit = async () => await dataApi.submit(input, { isLasting: true, signal: NEVER });
    await meeting('BatchExecuteStatement', { kind: 'cut', afterBytes: 20, answer }, async () => {
      await expect(submit()).rejects.toMatchObject({ code: 'outcome_unknown' });
    });
    clients.destroy();
  });
});

it('a statement with an effect whose end cannot be read ends as outcome_unknown', async () => {
  const { clients, dataApi } = adapters(SHORT);
  await meeting('DescribeStatement', 'never', async () => {
    const described = dataApi.describe(statementId, 'name', { isLasting: true, signal: NEVER });
    await expect(described).rejects.toMatchObject({ code: 'outcome_unknown', seen: { statementId } });
  });
  clients.destroy();
});

it('progress of answers is recorded for S3 and the Data API, and not for SQS', async () => {
  let answers = 0;
  const clients = createClients(stack.environment['AWS_REGION'] ?? '', BOUNDS, () => (answers += 1));
  await checkQueue(clients.sqs, proxy.environment['SPARKIFY_QUEUE_URL'] ?? '', NEVER);
  expect(answers).toBe(0);
  await clients.redshiftData.send(new DescribeStatementCommand({ Id: statementId }));
  const described = answers;
  expect(described).toBeGreaterThan(0);
  const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket: place.bucket, Key: KEY }));
  const opened = answers;
  expect(opened).toBeGreaterThan(described);
  await Body?.transformToByteArray();
  expect(answers).toBeGreaterThan(opened);
  clients.destroy();
});

it('an answer that its reader does not want is cut off', async () => {
  const { clients, store } = adapters(BOUNDS);
  const answer = { status: 200, headers: { 'content-length': '4194304' }, body: Buffer.alloc(4 * 1024 * 1024, 'x') };
  // Waits until the connection is closed.
  await meeting('GetObject', { kind: 'instead', answer }, async () => {
    const opened = await store.open({ bucket: place.bucket, key: KEY, signal: NEVER });
    opened?.close();
  });
  clients.destroy();
});

it('an answer that its reader takes slowly is not cut off', async () => {
  const { clients } = adapters(SHORT);
  const body = Buffer.alloc(4 * 1024 * 1024, 'x');
  const answer = { status: 200, headers: { 'content-length': String(body.byteLength) }, body };
  let bytes = 0;
  await meeting('GetObject', { kind: 'instead', answer }, async () => {
    const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket: place.bucket, Key: KEY }));
    let pauses = 0;
    for await (const chunk of Body as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength;
      // Each pause is longer than a silence may be, and all together longer than the transfer.
      if ((pauses += 1) <= 3) await delay(2 * SHORT.silenceMs);
    }
    clients.destroy();
  });
  expect(bytes).toBe(body.byteLength);
});

it.each([
  ['takes nothing', 0, /accepted (?:nothing for|only) .*[\d,]+ of 33,554,432 bytes of PutObject/],
  ['takes little', 128 * 1024, /accepted (?:nothing for|only) .*[\d,]+ of 33,554,432 bytes of PutObject/],
])('a peer that %s of a large object is given up', async (_what, bytesEach40Ms, seen) => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 100 Continue\r\n\r\n');
    socket.on('close', () => sockets.delete(socket));
    if (bytesEach40Ms === 0) return;
    const timer = setInterval(() => void socket.read(Math.min(bytesEach40Ms, socket.readableLength)), 40);
    socket.on('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const before = process.env['AWS_ENDPOINT_URL_S3'];
  process.env['AWS_ENDPOINT_URL_S3'] = `http://127.0.0.1:${port}`;
  const { clients, store } = adapters(SHORT);
  const body = Buffer.alloc(32 * 1024 * 1024, 'x');
  const put = store.put({ bucket: place.bucket, key: KEY, body, contentType: 'application/json', signal: NEVER });
  await expect(put).rejects.toMatchObject({
    code: 'endpoint_unreachable',
    message: expect.stringMatching(seen) as string,
  });
  for (const socket of sockets) socket.destroy();
  clients.destroy();
  process.env['AWS_ENDPOINT_URL_S3'] = before;
  server.close();
});
