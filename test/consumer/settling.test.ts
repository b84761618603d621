import { describe, expect, it } from 'vitest';
import { notificationOf } from '../../src/backfill/feed-queue.ts';
import { IngestError } from '../../src/core/errors.ts';
import { aFile } from '../unit/file-events.ts';
import { aRecord, s3Message } from '../unit/s3-messages.ts';
import { logMessage, outcomeOf, SETTINGS, startConsumer } from './consumer-harness.ts';

describe('leases', () => {
  it('keep every held message invisible for as long as its load takes', async () => {
    const running = startConsumer({ load: async (_load, clock) => await clock.sleep(3_600_000) });
    const { clock, queue, eventsOf } = running;
    for (let n = 0; n < 10; n += 1) queue.send(logMessage(`${n}`));
    await clock.advance(3_700_000);
    expect(queue.redelivered).toEqual([]);
    expect(queue.leftIds).toEqual([]);
    expect(eventsOf('lease.lost')).toEqual([]);
    await running.stopped();
  });

  it('are renewed again for the entries that failed only', async () => {
    const running = startConsumer({ load: async (_load, clock) => await clock.sleep(300_000) });
    const { clock, queue } = running;
    const asked: (readonly string[])[] = [];
    queue.faults.changeVisibility = (call, handles) => {
      asked.push(handles);
      return call === 1 ? [{ receiptHandle: handles[0] ?? '', code: 'InternalError', retryable: true }] : [];
    };
    for (let n = 0; n < 3; n += 1) queue.send(logMessage(`${n}`));
    await clock.advance(90_000);
    expect(asked.map((handles) => handles.length)).toEqual([3, 1]);
    await clock.advance(300_000);
    expect(queue.redelivered).toEqual([]);
    await running.stopped();
  });

  it('survive calls that fail as a whole for less than half of the visibility', async () => {
    const running = startConsumer({ load: async (_load, clock) => await clock.sleep(300_000) });
    const { clock, queue } = running;
    queue.faults.changeVisibility = (call) => {
      if (call <= 30) throw new IngestError('endpoint_unreachable', 'SQS cannot be reached.');
      return [];
    };
    queue.send(logMessage('a'));
    await clock.advance(310_000);
    expect(queue.redelivered).toEqual([]);
    expect(queue.leftIds).toEqual([]);
    await running.stopped();
  });

  it('that are lost are named with their code, once, and the load goes on', async () => {
    const running = startConsumer({ load: async (_load, clock) => await clock.sleep(100_000) });
    const { clock, queue, eventsOf } = running;
    queue.faults.changeVisibility = (_call, handles) =>
      handles.map((receiptHandle) => ({ receiptHandle, code: 'ReceiptHandleIsInvalid', retryable: false }));
    queue.send(logMessage('a'));
    await clock.advance(110_000);
    expect(eventsOf('lease.lost')).toEqual([{ kind: 'lease.lost', count: 1, code: 'ReceiptHandleIsInvalid' }]);
    expect(queue.leftIds).toEqual([]);
    await running.stopped();
  });
});

it('a file without a sequencer, which a backfill announced, is neither behind nor put → visible', async () => {
  const running = startConsumer({
    load: async ({ batch }, clock) => {
      await clock.sleep(1000);
      const outcome = outcomeOf(batch, clock.nowMs());
      const files = outcome.files.map((each) => ({ ...each, lastModifiedMs: each.file.eventTimeMs }));
      return { ...outcome, files };
    },
  });
  const { clock, consumer, eventsOf, queue } = running;
  const old = { key: 'log_data/old.json', sequencer: null, eventTimeMs: Date.UTC(2010, 0, 1) };
  queue.send(notificationOf(aFile({ ...old, bucket: SETTINGS.route.bucket })));
  await clock.advance(2_500);
  expect(consumer.snapshot()).toMatchObject({ filesByLane: { logs: 1 }, oldestPutHeldAtMs: null });
  await clock.advance(1_000);
  queue.send(logMessage('new'));
  await clock.advance(500);
  expect(consumer.snapshot().oldestPutHeldAtMs).toBe(Date.UTC(2018, 10, 12, 10, 0, 0, 123));
  await clock.advance(3_000);
  expect(eventsOf('load.committed').map(({ liveFiles }) => liveFiles.length)).toEqual([0, 1]);
  await running.stopped();
});

it('a queue that answers neither deletions nor renewals is named in a warning each time', async () => {
  const running = startConsumer({
    settings: { visibilitySeconds: 30 },
    load: async (_load, clock) => await clock.sleep(20_000),
  });
  const { clock, queue, eventsOf } = running;
  const sentence = 'SQS did not answer within 10 s.';
  const unanswered = (_call: number, handles: readonly string[]) =>
    handles.map((receiptHandle) => ({ receiptHandle, code: 'endpoint_unreachable', retryable: true, sentence }));
  queue.faults = { changeVisibility: unanswered, delete: unanswered };
  queue.send(logMessage('a'));
  await clock.advance(25_000);
  const warnings = eventsOf('message.retried');
  expect(new Set(warnings.map(({ action }) => action))).toEqual(new Set(['renew', 'delete']));
  for (const warning of warnings) expect(warning).toMatchObject({ count: 1, sentence });
  queue.faults = {};
  await clock.advance(10_000);
  expect(queue.leftIds).toEqual([]);
  await running.stopped();
});

describe('leases of ten seconds, the shortest', () => {
  const settings = { visibilitySeconds: 10, longPollSeconds: 5 };

  it('are kept although each call takes six seconds', async () => {
    const running = startConsumer({ settings, load: async (_load, clock) => await clock.sleep(300_000) });
    const { clock, queue, eventsOf } = running;
    const changeVisibility = queue.changeVisibility.bind(queue);
    queue.changeVisibility = async (handles, seconds) => {
      // On its way for as long as its answer is.
      await clock.sleep(3_000);
      const result = await changeVisibility(handles, seconds);
      await clock.sleep(3_000);
      return result;
    };
    // Delivered at the end of a long poll: counted from its beginning, half of the lease is over already.
    await clock.advance(4_900);
    for (let n = 0; n < 10; n += 1) queue.send(logMessage(`${n}`));
    await clock.advance(310_000);
    expect(queue.redelivered).toEqual([]);
    expect(eventsOf('lease.lost')).toEqual([]);
    expect(queue.leftIds).toEqual([]);
    await running.stopped();
  });

  it('that seem to be over are still renewed: only the queue knows', async () => {
    const running = startConsumer({ settings, load: async (_load, clock) => await clock.sleep(60_000) });
    const { clock, queue, eventsOf } = running;
    // Received with the last millisecond of a poll; the queue counts from there, we from five seconds before.
    await clock.advance(4_990);
    queue.send(logMessage('a'));
    const receivedAtMs = clock.nowMs();
    let failures = 0;
    queue.faults.changeVisibility = () => {
      if (clock.nowMs() >= receivedAtMs + 8_500) return [];
      failures += 1;
      throw new IngestError('endpoint_unreachable', 'SQS cannot be reached.');
    };
    await clock.advance(70_000);
    expect(failures).toBeGreaterThan(5);
    expect(queue.redelivered).toEqual([]);
    expect(eventsOf('lease.lost')).toEqual([]);
    expect(queue.leftIds).toEqual([]);
    await running.stopped();
  });

  it('are given up, and named once, when the queue was away for twice their time', async () => {
    const running = startConsumer({ settings, load: async (_load, clock) => await clock.sleep(60_000) });
    const { clock, queue, eventsOf } = running;
    queue.send(logMessage('a'));
    await clock.advance(1_000);
    const away = (): never => {
      throw new IngestError('endpoint_unreachable', 'SQS cannot be reached.');
    };
    queue.faults = { changeVisibility: away, receive: away };
    await clock.advance(25_000);
    expect(eventsOf('lease.lost')).toEqual([{ kind: 'lease.lost', count: 1, code: 'expired' }]);
    queue.faults = {};
    await clock.advance(70_000);
    expect(eventsOf('lease.lost')).toHaveLength(1);
    expect(queue.leftIds).toEqual([]);
    await running.stopped();
  });
});

describe('settling', () => {
  it('deletes as soon as a queue that was away for a minute is back, and no message is delivered twice', async () => {
    const running = startConsumer();
    const { clock, queue, eventsOf } = running;
    queue.faults.delete = (_call, handles) =>
      handles.map((receiptHandle) => ({ receiptHandle, code: 'endpoint_unreachable', retryable: true }));
    queue.send(logMessage('a'));
    await clock.advance(60_000);
    expect(queue.leftIds).toHaveLength(1);
    queue.faults = {};
    await clock.advance(5_000);
    expect(queue.leftIds).toEqual([]);
    expect(queue.redelivered).toEqual([]);
    expect(eventsOf('message.kept')).toEqual([]);
    await running.stopped();
  });

  it('deletes nothing while the load is not committed, whatever it failed with before', async () => {
    const running = startConsumer({
      load: async (_load, clock, nth) => {
        expect(queue.deletedIds).toEqual([]);
        if (nth === 1) throw new IngestError('outcome_unknown', 'The answer was lost.');
        if (nth === 2) throw new Error('something else');
        await clock.sleep(1000);
      },
    });
    const { clock, queue, loads, eventsOf } = running;
    queue.send(logMessage('a'));
    await clock.advance(120_000);
    expect(loads.map(({ batch }) => batch.id)).toEqual(Array(3).fill(loads[0]?.batch.id));
    expect(eventsOf('load.retried').map((event) => [event.code, event.attempt])).toEqual([
      ['outcome_unknown', 1],
      ['unknown', 2],
    ]);
    expect(queue.leftIds).toEqual([]);
    await running.stopped();
  });

  it('deletes again for the entries that failed only, while the next load is already under way', async () => {
    const { clock, queue, loads, eventsOf, stopped } = startConsumer();
    const asked: number[] = [];
    queue.faults.delete = (call, handles) => {
      asked.push(handles.length);
      return call === 1 ? [{ receiptHandle: handles[1] ?? '', code: 'InternalError', retryable: true }] : [];
    };
    for (let n = 0; n < 3; n += 1) queue.send(logMessage(`${n}`));
    await clock.advance(2500);
    queue.send(logMessage('next'));
    await clock.advance(500);
    expect(loads).toHaveLength(2);
    await clock.advance(5000);
    expect(asked).toEqual([3, 1, 1]);
    expect(queue.leftIds).toEqual([]);
    expect(eventsOf('message.deleted').reduce((sum, event) => sum + event.count, 0)).toBe(4);
    await stopped();
  });

  it('keeps a message that cannot be deleted until SQS redelivers it, and says so', async () => {
    const { clock, queue, eventsOf, stopped } = startConsumer();
    queue.faults.delete = (_call, handles) =>
      handles.map((receiptHandle) => ({ receiptHandle, code: 'InternalError', retryable: true }));
    const id = queue.send(logMessage('a'));
    // Tried while the lease lasts: until then no other consumer can receive the message.
    await clock.advance(100_000);
    expect(eventsOf('message.kept')).toEqual([]);
    await clock.advance(30_000);
    expect(eventsOf('message.kept')).toEqual([
      { kind: 'message.kept', action: 'delete', count: 1, reason: 'InternalError' },
    ]);
    expect(eventsOf('message.released')).toEqual([]);
    queue.faults = {};
    await clock.advance(200_000);
    expect(queue.deletedIds).toEqual([id]);
    await stopped();
  });

  it('says that it may not delete a message', async () => {
    const { clock, queue, eventsOf, stopped } = startConsumer();
    const message = 'DeleteMessageBatch on the queue failed: AccessDenied.';
    queue.delete = async () => await Promise.reject(new IngestError('access_denied', message));
    queue.send(logMessage('a'));
    await clock.advance(10_000);
    expect(eventsOf('message.kept')).toEqual([{ kind: 'message.kept', action: 'delete', count: 1, reason: message }]);
    await stopped();
  });

  it('deletes test events, expirations and its own work files without a load', async () => {
    const { clock, queue, loads, eventsOf, stopped } = startConsumer();
    queue.send(JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent' }));
    queue.send(s3Message(aRecord({ key: 'log_data/a', eventName: 'LifecycleExpiration:Delete' })));
    queue.send(s3Message(aRecord({ key: 'work/part', eventName: 'ObjectRemoved:Delete' })));
    queue.send(s3Message(aRecord({ key: 'work/manifest.json' })));
    await clock.advance(5000);
    expect(queue.leftIds).toEqual([]);
    expect(queue.parked).toEqual([]);
    expect(loads).toEqual([]);
    expect(eventsOf('message.test_event')).toHaveLength(1);
    await stopped();
  });

  it('loads a file outside the prefixes and of a foreign bucket in the lane "ignored", so that the ledger names it', async () => {
    const { clock, queue, loads, stopped } = startConsumer();
    queue.send(s3Message(aRecord({ key: 'backup/a.json' }), aRecord({ bucket: 'other', key: 'log_data/a.json' })));
    await clock.advance(5000);
    expect(loads.map(({ batch }) => [batch.lane, batch.files.length])).toEqual([['ignored', 2]]);
    await stopped();
  });

  it('releases a deletion that has to be looked at again for later, and settles the other files of its message', async () => {
    let looks = 0;
    const running = startConsumer({
      load: async ({ batch }, clock) => {
        await clock.sleep(10);
        looks += 1;
        const { files, ...outcome } = outcomeOf(batch, clock.nowMs());
        const deleted = batch.files.filter(({ change }) => change === 'delete');
        const isOpen = looks < 4;
        return {
          ...outcome,
          files: isOpen ? files.filter(({ file }) => file.change !== 'delete') : files,
          released: isOpen ? deleted.map((file) => ({ file, reason: 'S3 did not answer' })) : [],
        };
      },
      settings: { route: { ...SETTINGS.route, onDelete: 'remove' } },
    });
    const { clock, queue, eventsOf } = running;
    const id = queue.send(
      s3Message(aRecord({ key: 'log_data/a', eventName: 'ObjectRemoved:Delete' }), aRecord({ key: 'log_data/b' })),
    );
    const other = queue.send(logMessage('c'));
    await clock.advance(30_000);
    expect(queue.deletedIds).toEqual([other]);
    await clock.advance(600_000);
    const released = eventsOf('message.released').map(({ afterSeconds, reason }) => ({ afterSeconds, reason }));
    expect(released).toEqual([45, 90, 180].map((afterSeconds) => ({ afterSeconds, reason: 'S3 did not answer' })));
    expect(queue.deletedIds).toEqual([other, id]);
    expect(eventsOf('lease.lost')).toEqual([]);
    await running.stopped();
  });

  it('parks an unreadable message with its reason, and deletes it only when it is parked', async () => {
    const { clock, queue, stopped } = startConsumer();
    const park = queue.park.bind(queue);
    queue.park = () => Promise.reject(new IngestError('config_invalid', 'There is no dead-letter queue.'));
    const id = queue.send('hello');
    await clock.advance(5000);
    expect(queue.leftIds).toEqual([id]);
    queue.park = park;
    await clock.advance(130_000);
    expect(queue.parked).toEqual([{ body: 'hello', reason: 'not JSON' }]);
    expect(queue.leftIds).toEqual([]);
    await stopped();
  });

  it('deletes all other messages also while the dead-letter queue does not answer', async () => {
    const { clock, queue, events, stopped } = startConsumer();
    const silence = new AbortController();
    queue.park = async () => {
      await clock.sleep(3_600_000, silence.signal);
      throw new IngestError('endpoint_unreachable', 'The dead-letter queue does not answer.');
    };
    const unreadable = queue.send('hello');
    queue.send(s3Message(aRecord({ key: 'log_data/half' }), aRecord({ encodedKey: '%zz' })));
    const others = [queue.send(logMessage('good')), queue.send(JSON.stringify({ Event: 's3:TestEvent' }))];
    await clock.advance(10_000);
    expect(queue.deletedIds.toSorted()).toEqual(others);
    silence.abort();
    await clock.advance(0);
    expect(queue.leftIds).toContain(unreadable);
    expect(events.filter((event) => event.kind === 'message.kept').map(({ action }) => action)).toEqual([
      'park',
      'park',
    ]);
    await stopped();
  });

  it('loads the readable records of a message, then parks it for the others', async () => {
    const { clock, queue, loads, keysOf, stopped } = startConsumer();
    const body = s3Message(aRecord({ key: 'log_data/good' }), aRecord({ encodedKey: '%zz' }));
    queue.send(body);
    await clock.advance(2500);
    expect(loads.map(keysOf)).toEqual([['log_data/good']]);
    expect(queue.parked).toEqual([]);
    await clock.advance(1000);
    expect(queue.parked).toEqual([{ body, reason: expect.stringContaining('record 1') as string }]);
    expect(queue.leftIds).toEqual([]);
    await stopped();
  });
});
