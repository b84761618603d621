import { describe, expect, it } from 'vitest';
import { logMessage, songMessage, startConsumer } from './consumer-harness.ts';

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

  it('does not let a stream of songs keep logs waiting for longer than twice the maximum age', async () => {
    const running = startConsumer({ load: async (_load, time) => await time.sleep(5000) });
    const { clock, queue, loads } = running;
    const startedAtMs = clock.nowMs();
    queue.send(songMessage('0'));
    await clock.advance(2100);
    queue.send(logMessage('the log'));
    for (let n = 1; n < 80; n += 1) {
      queue.send(songMessage(`${n}`));
      await clock.advance(1000);
    }
    const log = loads.find(({ batch }) => batch.lane === 'logs');
    expect(log && log.atMs - startedAtMs).toBeLessThan(2 * 30_000 + 2 * 5000 + 2100);
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
