import { describe, expect, it } from 'vitest';
import { IngestError } from '../../src/core/errors.ts';
import { logMessage, startConsumer } from './consumer-harness.ts';

describe('intake', () => {
  it('polls with one receiver while the queue is quiet, with up to eight while receives come back full, then with one again', async () => {
    const { clock, queue, consumer, stopped } = startConsumer();
    queue.send(logMessage('first'));
    await clock.advance(20_000);
    expect(queue.maxReceiversAtOnce).toBe(1);
    for (let n = 0; n < 2000; n += 1) queue.send(logMessage(`${n}`));
    await clock.advance(1000);
    expect(queue.maxReceiversAtOnce).toBe(8);
    await clock.advance(120_000);
    expect(consumer.snapshot().receivers).toBe(1);
    await stopped();
  });

  it('never holds more files than the bound, asks for no more than there is room for, and goes on after the commit', async () => {
    const { clock, queue, loads, eventsOf, stopped } = startConsumer({ settings: { maxHeldFiles: 25 } });
    queue.send(logMessage('first'));
    await clock.advance(4000);
    for (let n = 0; n < 60; n += 1) queue.send(logMessage(`${n}`));
    await clock.advance(1000);
    expect(queue.visibleIds).toHaveLength(35);
    await clock.advance(20_000);
    expect(Math.max(...eventsOf('message.received').map((event) => event.heldFiles))).toBe(25);
    expect(loads.reduce((files, { batch }) => files + batch.files.length, 0)).toBe(61);
    expect(queue.leftIds).toEqual([]);
    await stopped();
  });

  it('holds ten messages at most until its first load has committed; what carries nothing to load takes no room', async () => {
    const { clock, queue, consumer, loads, stopped } = startConsumer({
      load: async (_load, loadClock, nth) => await loadClock.sleep(nth === 1 ? 60_000 : 1000),
    });
    const twoFiles = (n: number) => logMessage(`${n}`, `${n} too`);
    for (let n = 0; n < 15; n += 1) queue.send(JSON.stringify({ Event: 's3:TestEvent' }));
    for (let n = 0; n < 15; n += 1) queue.send('hello');
    const ids = Array.from({ length: 40 }, (_, n) => queue.send(twoFiles(n)));
    await clock.advance(50_000);
    expect(queue.parked).toHaveLength(15);
    expect(loads[0]?.batch.files).toHaveLength(20);
    expect(consumer.snapshot()).toMatchObject({ heldMessages: 10, heldFiles: 20, receivers: 0 });
    expect(ids.filter((id) => queue.receiveCountOf(id) > 0)).toHaveLength(10);
    await clock.advance(60_000);
    expect(queue.leftIds).toEqual([]);
    await stopped();
  });

  it('burns the receives of ten messages and not of a whole queue when its first load stops it', async () => {
    const { clock, queue, ended } = startConsumer({
      load: () => Promise.reject(new IngestError('statement_refused', 'The warehouse refuses it.')),
    });
    const ids = Array.from({ length: 60 }, (_, n) => queue.send(logMessage(`${n}`)));
    expect(await clock.runUntil(ended, 60_000)).toMatchObject({ reason: 'failed' });
    expect(ids.filter((id) => queue.receiveCountOf(id) > 0)).toHaveLength(10);
  });

  it('is idle at the end of a queue of which nothing was loaded', async () => {
    const running = startConsumer({ settings: { until: 'idle' } });
    for (let n = 0; n < 40; n += 1)
      running.queue.send(n % 2 === 0 ? 'hello' : JSON.stringify({ Event: 's3:TestEvent' }));
    expect(await running.clock.runUntil(running.ended, 60_000)).toMatchObject({ reason: 'idle', loads: 0 });
    expect(running.queue.leftIds).toEqual([]);
  });

  it('pauses while the warehouse is away, says why, burns no receive counts and resumes by itself', async () => {
    const running = startConsumer({
      load: async (_load, clock, nth) => {
        if (nth <= 20) throw new IngestError('warehouse_paused', 'The cluster is paused.');
        await clock.sleep(1000);
      },
    });
    const { clock, queue, consumer, eventsOf } = running;
    const held = queue.send(logMessage('held'));
    await clock.advance(10_000);
    const waiting = queue.send(logMessage('waiting'));
    await clock.advance(5 * 60_000);
    expect(consumer.snapshot()).toMatchObject({ state: 'paused', pauses: [{ reason: 'load: warehouse_paused' }] });
    expect(consumer.snapshot().loadInFlight?.phase).toBe('waiting');
    expect([queue.receiveCountOf(held), queue.receiveCountOf(waiting)]).toEqual([1, 0]);
    expect(queue.redelivered).toEqual([]);
    await clock.advance(30 * 60_000);
    expect(consumer.snapshot()).toMatchObject({ state: 'consuming', pauses: [] });
    expect(queue.leftIds).toEqual([]);
    expect(eventsOf('intake.resumed')).toHaveLength(1);
    await running.stopped();
  });

  it('gives the messages of a warehouse that is away for eleven hours back before their leases end', async () => {
    const running = startConsumer({
      load: () => Promise.reject(new IngestError('warehouse_paused', 'The cluster is paused.')),
    });
    const { clock, queue, eventsOf } = running;
    const id = queue.send(logMessage('a'));
    await clock.advance(10.9 * 3_600_000);
    expect(queue.receiveCountOf(id)).toBe(1);
    await clock.advance(0.2 * 3_600_000);
    expect(queue.releasedIds).toEqual([id]);
    expect(eventsOf('message.released')[0]?.reason).toContain('too long');
    expect(eventsOf('lease.lost')).toEqual([]);
    await running.stopped();
  });

  it('waits for a queue that is away for a while and asks it with one receiver only', async () => {
    const running = startConsumer();
    const { clock, queue, consumer } = running;
    await clock.advance(1000);
    let isAway = true;
    queue.faults.receive = () => {
      if (isAway) throw new IngestError('endpoint_unreachable', 'SQS cannot be reached.');
    };
    await clock.advance(60_000);
    expect(consumer.snapshot()).toMatchObject({ state: 'paused', pauses: [{ reason: 'queue: endpoint_unreachable' }] });
    // Full jitter between 1 s and 30 s: a tight loop would have asked thousands of times.
    expect(queue.asked.length).toBeLessThan(40);
    isAway = false;
    queue.send(logMessage('a'));
    await clock.advance(60_000);
    expect(consumer.snapshot().state).toBe('consuming');
    expect(queue.leftIds).toEqual([]);
    await running.stopped();
  });

  it.each(['queue_missing', 'access_denied'] as const)('ends with %s and its sentence', async (code) => {
    const running = startConsumer({
      queue: (queue) => {
        queue.faults.receive = () => {
          throw new IngestError(code, 'What to do.');
        };
      },
    });
    const end = await running.clock.runUntil(running.ended, 60_000);
    expect(end).toMatchObject({ reason: 'failed', error: { code, message: 'What to do.' } });
    expect(running.consumer.snapshot().state).toBe('failed');
  });

  it('ends at once when the queue cannot be reached at the very start: the queue may not exist', async () => {
    const running = startConsumer({
      queue: (queue) => {
        queue.faults.receive = () => {
          throw new IngestError('endpoint_unreachable', 'SQS cannot be reached.');
        };
      },
    });
    const end = await running.clock.runUntil(running.ended, 1000);
    expect(end).toMatchObject({ reason: 'failed', error: { code: 'endpoint_unreachable' } });
  });

  it('does not hammer a queue that does not honour the long poll', async () => {
    const { clock, queue, stopped } = startConsumer();
    const receive = queue.receive.bind(queue);
    queue.receive = async (input) => await receive({ ...input, waitSeconds: 0 });
    await clock.advance(10_000);
    expect(queue.asked.length).toBeLessThan(110);
    await stopped();
  });
});
