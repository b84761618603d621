import { setImmediate as turn } from 'node:timers/promises';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClients } from '../../src/aws/clients.ts';
import { createS3ObjectStore } from '../../src/aws/s3-object-store.ts';
import { SqsQueue } from '../../src/aws/sqs-queue.ts';
import { Consumer } from '../../src/consumer/run-consumer.ts';
import { createLoadBatch } from '../../src/loaders/load-batch.ts';
import { openSqlLibrary } from '../../src/sql/sql-library.ts';
import { SETTINGS } from '../consumer/consumer-harness.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { migrateSchema } from '../support/migrate-schema.ts';
import { stackWarehouse } from '../support/stack-warehouse.ts';
import { useStack } from '../support/stack.ts';
import type { TestPlace } from '../support/stack.ts';
import { waitUntil } from '../support/wait-until.ts';
import { operationOf } from '../support/effect.ts';
import { FaultProxy, obey } from '../support/fault-proxy.ts';

const DRAIN_SECONDS = 25;
const VISIBILITY_SECONDS = 30;

const stack = useStack();
let place: TestPlace;
let proxy: FaultProxy;

beforeAll(async () => {
  place = await stack.place();
  const warehouse = stackWarehouse(stack.redshiftData, place.environment);
  await migrateSchema({ warehouse, pool: stack.pool }, place.schema);
  // The test's own client knows its endpoint from its first call on.
  await put('song');
  proxy = await FaultProxy.start(place.environment);
  Object.assign(process.env, proxy.environment);
});
afterAll(async () => {
  await proxy.stop();
});

/** The real consumer, loader and clients; only the time of the consumer is the test's. */
function start(clock: VirtualClock) {
  const clients = createClients(stack.environment['AWS_REGION'] ?? '');
  const { bucket, environment, schema } = place;
  const queueUrl = proxy.environment['SPARKIFY_QUEUE_URL'] ?? '';
  const route = { ...SETTINGS.route, bucket, workPrefix: 'sparkify-work/' };
  const copyRoleArn = environment['SPARKIFY_COPY_ROLE_ARN'] ?? '';
  const parts = { clock, random: () => 0, emit: () => undefined };
  const consumer = new Consumer({
    ...parts,
    queue: new SqsQueue({ client: clients.sqs, queueUrl, deadLetterQueueUrl: null }),
    loadBatch: createLoadBatch({
      ...parts,
      store: createS3ObjectStore(clients.s3),
      warehouse: stackWarehouse(clients.redshiftData, environment, { clock, random: Math.random }),
      library: openSqlLibrary(),
      settings: { ...route, schema, copyRoleArn, consumer: 'hanging', rejectedRowsMax: 10 },
    }),
    loadAnsweredAtMs: () => null,
    settings: {
      ...SETTINGS,
      ...{ queueUrl, route, drainSeconds: DRAIN_SECONDS, visibilitySeconds: VISIBILITY_SECONDS, longPollSeconds: 1 },
    },
  });
  const intake = new AbortController();
  const ended = consumer.run({ drain: intake.signal });
  return { consumer, ended, stop: () => intake.abort(), close: () => clients.destroy() };
}

let files = 0;

/** Another file each time, so that it is to be loaded. */
async function put(kind: 'log' | 'song'): Promise<void> {
  files += 1;
  const Key = kind === 'log' ? `log_data/${files}.json` : `song_data/TR${files}.json`;
  const Body = kind === 'log' ? lines(aPlay({ sessionId: files })) : JSON.stringify(aSong({ song_id: `SO${files}` }));
  await stack.s3.send(new PutObjectCommand({ Bucket: place.bucket, Key, Body }));
}

async function sendUnreadable(): Promise<void> {
  await stack.sqs.send(new SendMessageCommand({ QueueUrl: place.queueUrl, MessageBody: '{"hello": "world"}' }));
}

it.each<[string, readonly string[], () => Promise<void>]>([
  ['a receive', ['ReceiveMessage'], async () => await Promise.resolve()],
  ['a deletion', ['DeleteMessageBatch'], async () => await put('log')],
  ['a renewal and a release', ['ChangeMessageVisibilityBatch', 'DescribeStatement'], async () => await put('log')],
  ['the parking of a message', ['SendMessage'], sendUnreadable],
  ['the question for the dead-letter queue', ['GetQueueAttributes'], sendUnreadable],
  ['the reading of a song', ['GetObject'], async () => await put('song')],
  ['the writing of a work file', ['PutObject'], async () => await put('log')],
  ['a submission', ['BatchExecuteStatement'], async () => await put('log')],
  ['the wait for the end of a statement', ['DescribeStatement'], async () => await put('log')],
  ['the reading of a result', ['GetStatementResult'], async () => await put('log')],
  ['the cancelling of a statement', ['CancelStatement', 'DescribeStatement'], async () => await put('log')],
])('%s that gets no answer holds up no shutdown', async (_what, operations, prepare) => {
  const clock = new VirtualClock();
  const hanging = new Map<string, Set<object>>(operations.map((operation) => [operation, new Set()]));
  const { close, consumer, ended, stop } = start(clock);
  const state = { isEnded: false };
  void ended.then(() => (state.isEnded = true));
  await waitUntil(() => consumer.snapshot().state === 'consuming', { what: 'consuming' });
  proxy.decide(async (effect, forward, incoming) => {
    const hung = hanging.get(operationOf(incoming));
    if (hung === undefined) return await obey(effect, forward);
    if (!incoming.socket.destroyed) hung.add(incoming.socket);
    incoming.socket.once('close', () => hung.delete(incoming.socket));
    return 'never';
  });
  await prepare();
  const [first = ''] = operations;
  const isLast = first === 'CancelStatement';
  await waitUntil(
    async () => {
      await clock.advance(1_000);
      return [...hanging].every(([operation, hung]) => hung.size > 0 || (isLast && operation === first));
    },
    { what: `${first} to hang` },
  );

  stop();
  await clock.advance((DRAIN_SECONDS + 5) * 1_000);
  // The calls that were cut off end at once, without more virtual time.
  for (let turns = 0; turns < 100 && !state.isEnded; turns += 1) await turn();
  expect(state.isEnded, 'whether the consumer has ended').toBe(true);
  expect(await ended).toMatchObject({ reason: 'asked', error: null });
  // They are cut off, which is sooner than their own bounds.
  const isQuiet = () => [...hanging.values()].every((hung) => hung.size === 0);
  await waitUntil(isQuiet, { what: 'no call under way', timeoutMs: 5_000 });
  close();
  proxy.decide(obey);
  // A receive that was cut off continues behind the proxy; it would take the message of the next case.
  await proxy.handedOut();
});
