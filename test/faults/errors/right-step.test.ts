import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { useStack } from '../../support/stack.ts';
import { Consuming } from './support/consuming.ts';
import { errorAnswer } from './support/error-answer.ts';
import type { Call, Fate } from './support/wire.ts';

const stack = useStack();
let consuming: Consuming;

beforeAll(async () => {
  consuming = await Consuming.begin(stack);
});
afterAll(async () => {
  await consuming.end();
});
beforeEach(async () => {
  await consuming.calm();
});

const pauseReasons = () => consuming.consumer.snapshot().pauses.map(({ reason }) => reason);

/** Loads a file while the first statements of one stage meet this fate. @returns the stages, in order, as submitted. */
async function stagesOf(input: { stage: string; times: number; fate: Fate }): Promise<readonly string[]> {
  const from = consuming.wire.calls.length;
  let met = 0;
  consuming.wire.decide(({ operation, stage }: Call) => {
    if (operation !== 'BatchExecuteStatement' || stage !== input.stage || met === input.times) return null;
    met += 1;
    return input.fate;
  });
  const key = await consuming.put('log');
  expect(await consuming.settled(key)).toMatchObject({ status: 'loaded' });
  expect(consuming.receiveCount(key)).toBe(1);
  expect(met).toBe(input.times);
  return consuming.wire.calls
    .slice(from)
    .filter(({ operation }) => operation === 'BatchExecuteStatement')
    .map(({ stage }) => stage);
}

const failed = (text: string): Fate => ({ kind: 'failed_statement', text });

it.each([
  ['a serialization conflict (error 1023)', 'ERROR: 1023\n DETAIL: Serializable isolation violation on table - 1'],
  ['a table that was created after the snapshot (error 1018)', 'ERROR: 1018 DETAIL: Relation does not exist'],
  ['a deadlock', 'ERROR: deadlock detected'],
])('%s in the publishing transaction publishes again and stages nothing again', async (_what, text) => {
  expect(await stagesOf({ stage: 'publish', times: 2, fate: failed(text) })).toEqual([
    'stage',
    'publish',
    'publish',
    'publish',
  ]);
});

it('a publish that waits too long for a lock names where to find the holder, and the load starts over later', async () => {
  const from = consuming.events.length;
  const fate = failed('ERROR: canceling statement due to statement timeout');
  expect(await stagesOf({ stage: 'publish', times: 1, fate })).toEqual(['stage', 'publish', 'stage', 'publish']);
  const said = consuming.events.slice(from).filter(({ kind }) => kind === 'load.retried');
  expect(said).toMatchObject([{ code: 'timeout', sentence: expect.stringContaining('svv_transactions') as string }]);
});

it('a serialization conflict that does not end leaves the staged rows and begins again', async () => {
  const stages = await stagesOf({
    stage: 'publish',
    times: 6,
    fate: failed('ERROR: 1023 DETAIL: Serializable isolation violation'),
  });
  expect(stages.filter((stage) => stage === 'publish')).toHaveLength(7);
  expect(stages.slice(-3)).toEqual(['stage', 'publish', 'publish']);
});

it.each([
  ['a cluster that restarts', 'FATAL: terminating connection due to administrator command'],
  [
    'a session that an earlier error left unusable',
    'ERROR: current transaction is aborted, commands ignored until end of transaction block',
  ],
])('%s in the middle of a load starts the load over in a new session', async (_what, text) => {
  const stages = await stagesOf({ stage: 'publish', times: 1, fate: failed(text) });
  expect(stages).toEqual(['stage', 'publish', 'stage', 'publish']);
});

it('a session of the Data API that expired between two steps is replaced, and the load starts over', async () => {
  const message = 'Session is not available';
  const body = JSON.stringify({ __type: 'ValidationException', Message: message });
  const headers = { 'content-type': 'application/x-amz-json-1.1' };
  const fate: Fate = { kind: 'answer', answer: { status: 400, headers, body } };
  expect(await stagesOf({ stage: 'publish', times: 1, fate })).toEqual(['stage', 'publish', 'stage', 'publish']);
});

it('a load waits for a cluster that refuses connections after its restart, and then starts over', async () => {
  const from = consuming.events.length;
  const stages = await stagesOf({
    stage: 'stage',
    times: 3,
    fate: failed('FATAL: the database system is starting up'),
  });
  expect(stages).toEqual(['stage', 'stage', 'stage', 'stage', 'publish']);
  const kinds = consuming.events.slice(from).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'intake.paused')).toHaveLength(1);
});

it('a missing permission to describe statements ends the consumer at once and acknowledges nothing', async () => {
  const refused = {
    name: 'AccessDeniedException',
    message: 'Not allowed: redshift-data:DescribeStatement',
    status: 400,
  };
  const fate: Fate = { kind: 'answer', answer: errorAnswer('data_api', refused) };
  const from = consuming.events.length;
  consuming.wire.decide(({ operation }) => (operation === 'DescribeStatement' ? fate : null));
  const key = await consuming.put('log');
  const end = await consuming.ended();
  expect(end).toMatchObject({ reason: 'failed', error: { code: 'access_denied' } });
  expect(end.error?.message).toContain(refused.message);
  expect(consuming.events.slice(from).filter(({ kind }) => kind === 'load.retried')).toEqual([]);
  consuming.wire.decide(null);
  await consuming.until('another consumer', () => consuming.consumer);
  expect(await consuming.settled(key)).toMatchObject({ status: 'loaded' });
  expect(consuming.receiveCount(key)).toBe(2);
});

it.each(['s3', 'sqs', 'data_api'] as const)(
  'the consumer waits when nothing listens at the address of %s',
  async (service) => {
    const from = consuming.events.length;
    const key = await consuming.put('log');
    await consuming.wire.shut(service);
    const reason = `${service === 'sqs' ? 'queue' : 'load'}: endpoint_unreachable`;
    if (service === 'sqs') {
      await consuming.until('the pause', () => pauseReasons().includes(reason));
    } else {
      await consuming.until('two attempts', () => consuming.retries('endpoint_unreachable', from).length >= 2);
      expect(pauseReasons()).toEqual([reason]);
    }
    await consuming.wire.open(service);
    expect(await consuming.settled(key)).toMatchObject({ status: 'loaded' });
    expect(consuming.receiveCount(key)).toBe(1);
  },
);
