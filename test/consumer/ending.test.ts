import { describe, expect, it } from 'vitest';
import { CONSUMER_DEFAULTS } from '../../src/consumer/consumer-settings.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import { IngestError } from '../../src/core/errors.ts';
import { ERROR_POLICY } from '../../src/core/verdict.ts';
import { logMessage, outcomeOf, songMessage, startConsumer } from './consumer-harness.ts';

describe('shutdown', () => {
  it('finishes the load in flight, hands the rest back at once and names what was left', async () => {
    const running = startConsumer({ load: async (_load, clock) => await clock.sleep(10_000) });
    const { clock, queue, loads } = running;
    queue.send(logMessage('in flight'));
    await clock.advance(2100);
    const waiting = [queue.send(logMessage('waiting 1', 'waiting 2')), queue.send(songMessage('waiting 3'))];
    await clock.advance(1000);
    running.stop();
    await clock.advance(5000);
    expect(queue.releasedIds).toEqual(waiting);
    expect(queue.leftIds).toHaveLength(3);
    const end = await running.stopped();
    expect(end).toMatchObject({ reason: 'asked', error: null, loads: 1, leftMessages: 2, leftFiles: 3 });
    expect(queue.leftIds).toEqual(waiting);
    expect(queue.visibleIds).toEqual(waiting);
    expect(loads).toHaveLength(1);
  });

  it('gives up a load that is still reading files at once, and hands its messages back', async () => {
    const running = startConsumer({
      load: async ({ reading }, clock) => {
        await clock.sleep(3_600_000, reading);
        throw new IngestError('aborted', 'Cut off.');
      },
    });
    const { clock, queue } = running;
    const id = queue.send(logMessage('a'));
    await clock.advance(3000);
    const askedAtMs = clock.nowMs();
    const end = await running.stopped();
    // The end of the poll under way.
    expect(clock.nowMs() - askedAtMs).toBeLessThanOrEqual(5000);
    expect(end).toMatchObject({ reason: 'asked', loads: 0, leftMessages: 1, leftFiles: 1, cutOffBatch: null });
    expect(queue.visibleIds).toEqual([id]);
  });

  it('lets the load that it begins itself read its files, for the drain time', async () => {
    const running = startConsumer({
      load: async ({ reading, signal }, clock) => {
        expect(signal.aborted).toBe(false);
        await clock.sleep(3_600_000, reading);
        throw new IngestError('aborted', 'Cut off.');
      },
    });
    running.queue.send(logMessage('a'));
    await running.clock.advance(500);
    const askedAtMs = running.clock.nowMs();
    const end = await running.stopped();
    expect(running.clock.nowMs() - askedAtMs).toBe(25_000);
    expect(end).toMatchObject({ leftMessages: 1 });
  });

  it('closes by drain and loads what is first in line when no load is in flight', async () => {
    const running = startConsumer();
    const { clock, queue, loads } = running;
    queue.send(logMessage('a'));
    const song = queue.send(songMessage('b'));
    await clock.advance(500);
    const end = await running.stopped();
    expect(loads.map(({ batch }) => [batch.lane, batch.closeReason])).toEqual([['songs', 'drain']]);
    expect(end).toMatchObject({ reason: 'asked', loads: 1, leftMessages: 1 });
    expect(queue.deletedIds).toEqual([song]);
  });

  it('cuts off a load that takes longer than the drain time and keeps its messages', async () => {
    const running = startConsumer({
      load: async ({ signal }, clock) => await clock.sleep(3_600_000, signal).then(() => signal.throwIfAborted()),
    });
    const { clock, queue, loads } = running;
    const id = queue.send(logMessage('a'));
    await clock.advance(3000);
    const askedAtMs = clock.nowMs();
    const end = await running.stopped();
    expect(clock.nowMs() - askedAtMs).toBe(25_000);
    expect(end).toMatchObject({ loads: 0, leftMessages: 1, cutOffBatch: loads[0]?.batch.id });
    expect(queue.visibleIds).toEqual([id]);
  });

  it('does not wait for ever for a loader that does not listen', async () => {
    const running = startConsumer({ load: () => new Promise(() => undefined) });
    const { clock, queue } = running;
    const id = queue.send(logMessage('a'));
    await clock.advance(3000);
    const askedAtMs = clock.nowMs();
    await running.stopped();
    expect(clock.nowMs() - askedAtMs).toBe(28_500);
    expect(queue.visibleIds).toEqual([id]);
  });

  it('deletes the messages of a load that commits after the work signal', async () => {
    const running = startConsumer({ load: async (_load, clock) => await clock.sleep(4000) });
    const { clock, queue } = running;
    queue.send(logMessage('a'));
    await clock.advance(3000);
    running.stopWorking();
    const end = await clock.runUntil(running.ended, 60_000);
    expect(end).toMatchObject({ loads: 1, leftMessages: 0, cutOffBatch: null });
    expect(queue.leftIds).toEqual([]);
  });

  it('does not spend the drain time waiting for a warehouse that is away', async () => {
    const running = startConsumer({ load: () => Promise.reject(new IngestError('warehouse_paused', 'Paused.')) });
    const { clock, queue } = running;
    const id = queue.send(logMessage('a'));
    await clock.advance(10_000);
    const askedAtMs = clock.nowMs();
    const end = await running.stopped();
    expect(clock.nowMs() - askedAtMs).toBeLessThan(1000);
    expect(end).toMatchObject({ reason: 'asked', leftMessages: 1 });
    expect(queue.visibleIds).toEqual([id]);
  });

  it('lets the polls under way end, so that no message is caught between the queue and nobody', async () => {
    const running = startConsumer();
    const { clock, queue } = running;
    await clock.advance(6000);
    running.stop();
    await clock.advance(100);
    const id = queue.send(logMessage('just now'));
    const end = await running.stopped();
    expect(end).toMatchObject({ leftMessages: 1, loads: 0 });
    expect(queue.visibleIds).toEqual([id]);
    expect(queue.releasedIds).toEqual([id]);
  });

  it('takes no longer than two seconds when there is nothing to do', async () => {
    const { longPollSeconds } = CONSUMER_DEFAULTS;
    const running = startConsumer({ settings: { longPollSeconds } });
    await running.clock.advance(60_100);
    const askedAtMs = running.clock.nowMs();
    await running.stopped();
    expect(running.clock.nowMs() - askedAtMs).toBeLessThanOrEqual(2000);
  });

  it('tolerates a signal that was given before the start', async () => {
    const running = startConsumer();
    running.stop();
    running.stopWorking();
    expect(await running.stopped()).toMatchObject({ reason: 'asked', loads: 0, leftMessages: 0 });
  });
});

const CODES = Object.keys(ERROR_POLICY) as ErrorCode[];

describe('errors that a person has to see', () => {
  const stops = CODES.filter((code) => ERROR_POLICY[code].then.kind === 'stop');

  it.each(stops)(
    '%s ends the consumer with its sentence, acknowledges nothing and hands everything back',
    async (code) => {
      const running = startConsumer({ load: () => Promise.reject(new IngestError(code, 'What to do.')) });
      const { clock, queue, loads, consumer } = running;
      const ids = [queue.send(logMessage('a')), queue.send(songMessage('b'))];
      const end = await clock.runUntil(running.ended, 60_000);
      expect(end).toMatchObject({
        reason: 'failed',
        error: { code, message: 'What to do.' },
        loads: 0,
        leftMessages: 2,
      });
      expect(loads).toHaveLength(1);
      expect(queue.visibleIds).toEqual(ids);
      expect(consumer.snapshot().state).toBe('failed');
    },
  );

  const retried = CODES.filter((code) => ERROR_POLICY[code].then.kind === 'retry');

  it.each(retried)('%s is tried again within its limit and then ends the consumer', async (code) => {
    const running = startConsumer({ load: () => Promise.reject(new IngestError(code, 'Again and again.')) });
    const { clock, queue, loads } = running;
    const id = queue.send(logMessage('a'));
    const end = await clock.runUntil(running.ended, 3_600_000);
    expect(end).toMatchObject({ reason: 'failed', error: { code } });
    expect(loads.length).toBeGreaterThan(2);
    expect(loads.length).toBeLessThanOrEqual(11);
    expect(queue.visibleIds).toEqual([id]);
    expect(queue.receiveCountOf(id)).toBe(1);
  });

  it('an outcome that does not name every file acknowledges only what it names, and is one of them', async () => {
    const running = startConsumer({
      load: ({ batch }) => Promise.resolve({ ...outcomeOf(batch), files: outcomeOf(batch).files.slice(0, 1) }),
    });
    const { clock, queue } = running;
    const ids = [queue.send(logMessage('a')), queue.send(logMessage('b'))];
    const end = await clock.runUntil(running.ended, 60_000);
    expect(end).toMatchObject({ reason: 'failed', leftMessages: 1 });
    expect(end.error?.message).toContain('bug');
    expect(queue.visibleIds).toEqual([ids[1]]);
  });
});

describe('until idle', () => {
  it('ends by itself when the queue is empty and everything is settled', async () => {
    const running = startConsumer({ settings: { until: 'idle' } });
    const { clock, queue } = running;
    for (let n = 0; n < 30; n += 1) queue.send(logMessage(`${n}`));
    const end = await clock.runUntil(running.ended, 60_000);
    expect(end).toMatchObject({ reason: 'idle', error: null, leftMessages: 0 });
    expect(queue.leftIds).toEqual([]);
    expect(running.sinceStartMs()).toBeLessThan(8000);
  });

  it('ends on an empty queue within a few short polls', async () => {
    const running = startConsumer({ settings: { until: 'idle' } });
    await running.clock.runUntil(running.ended, 60_000);
    expect(running.sinceStartMs()).toBeLessThan(3000);
  });

  it('does not end while a load is in flight or retried', async () => {
    const running = startConsumer({
      settings: { until: 'idle' },
      load: async (_load, clock, nth) => {
        await clock.sleep(20_000);
        if (nth === 1) throw new IngestError('timeout', 'Too long.');
      },
    });
    const { clock, queue, loads } = running;
    queue.send(logMessage('a'));
    const end = await clock.runUntil(running.ended, 120_000);
    expect(end.reason).toBe('idle');
    expect(loads).toHaveLength(2);
    expect(queue.leftIds).toEqual([]);
  });
});
