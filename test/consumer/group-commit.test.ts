import { describe, expect, it } from 'vitest';
import type { Options } from './consumer-harness.ts';
import { aRecord, s3Message } from '../unit/s3-messages.ts';
import { logMessage, outcomeOf, songMessage, startConsumer } from './consumer-harness.ts';

describe('group commit', () => {
  it('loads a single file when the linger is over, and deletes its message after the commit', async () => {
    const { clock, queue, loads, stopped } = startConsumer();
    const id = queue.send(logMessage('a.json'));
    await clock.advance(1999);
    expect(loads).toHaveLength(0);
    await clock.advance(1);
    expect(loads[0]?.batch).toMatchObject({ closeReason: 'idle', lane: 'logs', bytes: 10 });
    await clock.advance(999);
    expect(queue.leftIds).toEqual([id]);
    await clock.advance(1);
    expect(queue.leftIds).toEqual([]);
    await stopped();
  });

  it('gathers what comes during a load in one batch and loads it at once when the load ends', async () => {
    const { clock, queue, loads, keysOf, stopped } = startConsumer();
    queue.send(logMessage('first'));
    await clock.advance(2100);
    queue.send(logMessage('second'));
    await clock.advance(500);
    queue.send(logMessage('third'));
    await clock.advance(400);
    expect(loads.map(keysOf)).toEqual([['log_data/first'], ['log_data/second', 'log_data/third']]);
    expect(loads[1]?.batch.closeReason).toBe('idle');
    await stopped();
  });

  it('does not let the last file of the day wait for the next one, however long the load before takes', async () => {
    const { clock, queue, loads, eventsOf, stopped } = startConsumer({
      load: async (_load, time, nth) => await time.sleep(nth === 1 ? 60_000 : 1000),
    });
    queue.send(logMessage('first'));
    await clock.advance(2100);
    queue.send(logMessage('last of the day'));
    await clock.advance(30_000);
    expect(eventsOf('batch.closed').map((event) => event.reason)).toEqual(['idle', 'age']);
    await clock.advance(30_000);
    expect(loads).toHaveLength(2);
    await stopped();
  });

  it('closes by count at once and leaves the rest for the next batch', async () => {
    const { clock, queue, loads, stopped } = startConsumer({ settings: { batchMaxFiles: 3 } });
    for (let n = 0; n < 4; n += 1) queue.send(logMessage(`${n}`));
    await clock.advance(10);
    expect(loads.map(({ batch }) => [batch.closeReason, batch.files.length])).toEqual([['count', 3]]);
    await clock.advance(3000);
    expect(loads.map(({ batch }) => batch.files.length)).toEqual([3, 1]);
    await stopped();
  });

  it('closes before the file that would exceed the bytes', async () => {
    const { clock, queue, loads, stopped } = startConsumer({ settings: { batchMaxBytes: 25 } });
    for (let n = 0; n < 3; n += 1) queue.send(logMessage(`${n}`));
    await clock.advance(10);
    expect(loads.map(({ batch }) => [batch.closeReason, batch.bytes])).toEqual([['bytes', 20]]);
    await stopped();
  });

  it('loads songs before logs when both wait', async () => {
    const { clock, queue, loads, stopped } = startConsumer();
    queue.send(logMessage('first'));
    await clock.advance(2100);
    queue.send(logMessage('log'));
    await clock.advance(100);
    queue.send(songMessage('song'));
    await clock.advance(5000);
    expect(loads.map(({ batch }) => batch.lane)).toEqual(['logs', 'songs', 'logs']);
    await stopped();
  });

  it('does not let a stream of songs keep logs waiting for longer than the load under way and one of songs', async () => {
    const running = startConsumer({ load: async (_load, time) => await time.sleep(5000) });
    const { clock, queue, loads } = running;
    const startedAtMs = clock.nowMs();
    queue.send(songMessage('0'));
    await clock.advance(2100);
    queue.send(logMessage('the log'));
    for (let n = 1; n < 20; n += 1) {
      queue.send(songMessage(`${n}`));
      await clock.advance(1000);
    }
    const log = loads.find(({ batch }) => batch.lane === 'logs');
    expect(log && log.atMs - startedAtMs).toBeLessThanOrEqual(2000 + 2 * 5000);
    await running.stopped();
  });

  it('adds a file that is announced twice once, and deletes both messages', async () => {
    const { clock, queue, loads, keysOf, stopped } = startConsumer();
    queue.send(logMessage('a'));
    queue.send(logMessage('a'));
    await clock.advance(3000);
    expect(loads.map(keysOf)).toEqual([['log_data/a']]);
    expect(queue.leftIds).toEqual([]);
    await stopped();
  });

  it('says where the time of a live file went, also of one that is put while a receive waits for it', async () => {
    const { clock, queue, eventsOf, stopped } = startConsumer({
      load: async ({ batch }, at) => {
        await at.sleep(1000);
        const outcome = outcomeOf(batch, at.nowMs());
        const lastModifiedMs = Date.UTC(2018, 10, 12, 10, 0, 3);
        return { ...outcome, files: outcome.files.map((file) => ({ ...file, lastModifiedMs })) };
      },
    });
    await clock.advance(3300);
    queue.send(s3Message(aRecord({ key: 'log_data/live', eventTime: '2018-11-12T10:00:03.200Z' })));
    await clock.advance(3000);
    expect(eventsOf('load.committed')[0]?.liveFiles).toEqual([
      { putToVisibleMs: 3100, stepMs: { notify: 100, queue: 0, batch: 2000, load: 1000 } },
    ]);
    await stopped();
  });

  it('deletes a message of several files only after the last of them is committed', async () => {
    const { clock, queue, loads, stopped } = startConsumer({ settings: { batchMaxFiles: 2 } });
    const id = queue.send(logMessage('a', 'b', 'c'));
    await clock.advance(1500);
    expect(loads).toHaveLength(2);
    expect(queue.leftIds).toEqual([id]);
    await clock.advance(1500);
    expect(queue.leftIds).toEqual([]);
    await stopped();
  });
});

/** A load that takes a second, `warehouseMs` of it in the warehouse. */
function loadOf(warehouseMs: number, liveConsumers = 1): NonNullable<Options['load']> {
  return async ({ batch }, clock) => {
    await clock.sleep(1000);
    return { ...outcomeOf(batch), warehouseMs, liveConsumers };
  };
}

describe('rest', () => {
  it('puts off the next round for as long as the last one ran in the warehouse, and the age of a batch does not end it', async () => {
    const { clock, queue, loads, consumer, eventsOf, sinceStartMs, stopped } = startConsumer({ load: loadOf(40_000) });
    queue.send(logMessage('first'));
    await clock.advance(3000);
    // The first load ended at 3 s, and the rest ends at 43 s.
    queue.send(logMessage('second'));
    await clock.advance(2000);
    expect(consumer.snapshot()).toMatchObject({ state: 'consuming', rest: { reason: 'load', remainingMs: 38_000 } });
    expect(eventsOf('rest.begun')).toEqual([{ kind: 'rest.begun', reason: 'load', remainingMs: 38_000 }]);
    await clock.advance(33_000);
    for (const message of [logMessage('third'), songMessage('song')]) queue.send(message);
    await clock.advance(2000);
    queue.send(logMessage('fourth'));
    await clock.advance(2999);
    expect(loads).toHaveLength(1);
    await clock.advance(1);
    expect(sinceStartMs()).toBe(43_000);
    expect(consumer.snapshot().rest).toBeNull();
    await clock.advance(1000);
    // One load for each lane, however long the rest was, and no rest between them.
    expect(loads.map(({ batch }) => [batch.lane, batch.closeReason, batch.files.length, batch.restedMs])).toEqual([
      ['logs', 'idle', 1, 0],
      ['songs', 'idle', 1, 38_000],
      ['logs', 'age', 3, 38_000],
    ]);
    expect(eventsOf('rest.ended')).toEqual([{ kind: 'rest.ended', reason: 'load', restedMs: 38_000 }]);
    expect(eventsOf('load.committed').at(-1)?.restedMs).toBe(38_000);
    await stopped();
  });

  it('counts what all loads of a round cost, and the consumers that share the warehouse', async () => {
    const { clock, queue, loads, consumer, stopped } = startConsumer({ load: loadOf(2000, 3) });
    for (const message of [logMessage('log'), songMessage('song')]) queue.send(message);
    await clock.advance(5000);
    queue.send(logMessage('more'));
    await clock.advance(2000);
    expect(loads).toHaveLength(2);
    expect(consumer.snapshot().rest).toEqual({ reason: 'load', remainingMs: 2 * 3 * 2000 - 3000 });
    await clock.advance(8999);
    expect(loads).toHaveLength(2);
    await clock.advance(1);
    expect(loads).toHaveLength(3);
    await stopped();
  });

  it('lasts until the interval since the start of the last round is over, up to 15 minutes, and keeps the leases', async () => {
    const settings = { loadIntervalMs: 900_000, batchMaxFiles: 10 };
    const { clock, queue, loads, consumer, eventsOf, stopped } = startConsumer({ settings, load: loadOf(20) });
    queue.send(logMessage('first'));
    await clock.advance(3000);
    for (let n = 0; n < 9; n += 1) queue.send(logMessage(`${n}`));
    await clock.advance(898_999);
    expect(consumer.snapshot().rest).toEqual({ reason: 'interval', remainingMs: 1 });
    expect(eventsOf('lease.lost')).toEqual([]);
    await clock.advance(1);
    expect(loads.map(({ batch }) => batch.files.length)).toEqual([1, 9]);
    await stopped();
  });

  it('is ended by a batch that is full, by files or by bytes', async () => {
    for (const settings of [{ batchMaxFiles: 3 }, { batchMaxBytes: 30 }]) {
      const { clock, queue, loads, stopped } = startConsumer({ settings, load: loadOf(40_000) });
      for (const message of [logMessage('first'), songMessage('song')]) queue.send(message);
      await clock.advance(5000);
      for (let n = 0; n < 2; n += 1) queue.send(logMessage(`${n}`));
      await clock.advance(10_000);
      expect(loads).toHaveLength(2);
      for (const message of [songMessage('another'), logMessage('2')]) queue.send(message);
      await clock.advance(1000);
      // The other lane goes with it.
      expect(loads.slice(2).map(({ batch }) => [batch.lane, batch.files.length])).toEqual([
        ['songs', 1],
        ['logs', 3],
      ]);
      await stopped();
    }
  });

  it('is ended by shutdown, and is not taken by a consumer that runs until the queue is empty', async () => {
    const resting = startConsumer({ load: loadOf(40_000) });
    resting.queue.send(logMessage('first'));
    await resting.clock.advance(3000);
    resting.queue.send(logMessage('second'));
    await resting.clock.advance(5000);
    await resting.stopped();
    expect(resting.loads.map(({ batch }) => [batch.closeReason, batch.restedMs])).toEqual([
      ['idle', 0],
      ['drain', 3000],
    ]);
    const { clock, queue, ended, loads, sinceStartMs } = startConsumer({
      settings: { until: 'idle', loadIntervalMs: 900_000 },
      load: loadOf(40_000),
    });
    queue.send(logMessage('first'));
    await clock.advance(2500);
    queue.send(logMessage('second'));
    await clock.runUntil(ended, 60_000);
    expect(loads).toHaveLength(2);
    expect(sinceStartMs()).toBeLessThan(20_000);
  });
});
