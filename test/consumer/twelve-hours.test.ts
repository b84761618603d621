import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SqsQueue } from '../../src/aws/sqs-queue.ts';
import { Consumer } from '../../src/consumer/run-consumer.ts';
import { IngestError } from '../../src/core/errors.ts';
import type { IngestEvent } from '../../src/core/events.ts';
import { LEASE_MAX_MS } from '../../src/core/intake/lease.ts';
import type { LoadBatch } from '../../src/core/load.ts';
import type { Queue, QueueMessage } from '../../src/core/ports.ts';
import { SETTINGS, logMessage } from './consumer-harness.ts';
import { useSqs } from './sqs-server.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const sqs = useSqs();
const HOUR_MS = 3_600_000;
/** Renewed every five minutes. */
const VISIBILITY_SECONDS = 600;

// The queue's own clock is the process's: time is set for it, and passes for nobody else.
beforeAll(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterAll(() => vi.useRealTimers());

type Ask = { readonly atMs: number; readonly seconds: number };

/** A real queue over HTTP whose calls take no virtual time, and whose long polls wait in virtual time. */
class TimelessQueue implements Queue {
  readonly asked: Ask[] = [];
  readonly #queue: Queue;
  readonly #clock: VirtualClock;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(queue: Queue, clock: VirtualClock) {
    this.#queue = queue;
    this.#clock = clock;
  }

  async receive(input: Parameters<Queue['receive']>[0]): Promise<readonly QueueMessage[]> {
    const messages = await this.#call(this.#queue.receive({ ...input, waitSeconds: 0 }));
    if (messages.length === 0) await this.#clock.sleep(input.waitSeconds * 1000, input.signal);
    return messages;
  }

  async delete(...input: Parameters<Queue['delete']>) {
    return await this.#call(this.#queue.delete(...input));
  }

  async changeVisibility(...input: Parameters<Queue['changeVisibility']>) {
    this.asked.push({ atMs: this.#clock.nowMs(), seconds: input[1] });
    return await this.#call(this.#queue.changeVisibility(...input));
  }

  async park(...input: Parameters<Queue['park']>) {
    await this.#call(this.#queue.park(...input));
  }

  /** Time passes in half minutes; no call is left hanging in between. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#clock.nowMs() + ms;
    while (this.#clock.nowMs() < untilMs) {
      await this.#clock.advance(Math.min(30_000, untilMs - this.#clock.nowMs()));
      vi.setSystemTime(this.#clock.nowMs());
      while (this.#underWay.size > 0) {
        await Promise.allSettled(this.#underWay);
        await this.#clock.advance(0);
      }
    }
  }

  async #call<T>(call: Promise<T>): Promise<T> {
    this.#underWay.add(call);
    try {
      return await call;
    } finally {
      this.#underWay.delete(call);
    }
  }
}

async function start(loadBatch: LoadBatch) {
  const clock = new VirtualClock();
  vi.setSystemTime(clock.nowMs());
  const { queueUrl } = await sqs.queue();
  await sqs.send(queueUrl, [logMessage('day.json')]);
  const queue = new TimelessQueue(new SqsQueue({ client: sqs.client, queueUrl, deadLetterQueueUrl: null }), clock);
  const events: IngestEvent[] = [];
  const intake = new AbortController();
  const work = new AbortController();
  const consumer = new Consumer({
    queue,
    loadBatch,
    clock,
    random: () => 0.5,
    emit: (event) => events.push(event),
    loadAnsweredAtMs: () => null,
    // Room for one: it never meets its own message again.
    settings: { ...SETTINGS, queueUrl, visibilitySeconds: VISIBILITY_SECONDS, batchMaxFiles: 1, maxHeldFiles: 1 },
  });
  const startedAtMs = clock.nowMs();
  const ended = consumer.run({ drain: intake.signal, abort: work.signal });
  return {
    queue,
    consumer,
    startedAtMs,
    eventsOf: (kind: IngestEvent['kind']) => events.filter((event) => event.kind === kind),
    deliver: async () => {
      const direct = new SqsQueue({ client: sqs.client, queueUrl, deadLetterQueueUrl: null });
      const signal = new AbortController().signal;
      return await direct.receive({ max: 10, waitSeconds: 0, visibilitySeconds: 5, signal });
    },
    stopped: async () => {
      intake.abort();
      work.abort();
      await queue.advance(60_000);
      await ended;
    },
  };
}

describe('the twelve hours that SQS keeps a message invisible', () => {
  it('a load that never ends: aborted after eleven, its message released and loaded again', async () => {
    const signals: AbortSignal[] = [];
    const running = await start(async (_batch, signal) => {
      signals.push(signal);
      return await new Promise(() => undefined);
    });
    const { queue, startedAtMs } = running;
    await queue.advance(10.9 * HOUR_MS);
    expect(await running.deliver()).toEqual([]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    const renewals = queue.asked.length;
    expect(renewals).toBeGreaterThan(120);
    await queue.advance(0.15 * HOUR_MS);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    const ends = queue.asked.slice(0, renewals + 1).map(({ atMs, seconds }) => atMs + seconds * 1000);
    expect(Math.max(...ends)).toBeLessThanOrEqual(startedAtMs + LEASE_MAX_MS);
    expect(running.eventsOf('lease.lost')).toEqual([]);
    expect(running.eventsOf('message.released')).toEqual([
      {
        ...{ kind: 'message.released', count: 1, reason: 'its load did not end before the 12-hour limit of SQS' },
        afterSeconds: 0,
      },
    ]);
    expect(running.consumer.snapshot()).toMatchObject({ state: 'consuming', heldMessages: 1 });
    await running.stopped();
  });

  it('an outage of the warehouse: messages released after eleven, after a single receive', async () => {
    const running = await start(() => Promise.reject(new IngestError('warehouse_paused', 'The cluster is paused.')));
    const { consumer, queue } = running;
    await queue.advance(10.9 * HOUR_MS);
    expect(consumer.snapshot()).toMatchObject({ state: 'paused', heldMessages: 1 });
    expect(await running.deliver()).toEqual([]);
    const renewals = queue.asked.length;
    await queue.advance(0.15 * HOUR_MS);
    expect(queue.asked.slice(renewals).at(-1)?.seconds).toBe(0);
    expect(running.eventsOf('lease.lost')).toEqual([]);
    expect(running.eventsOf('message.released')).toHaveLength(1);
    await running.stopped();
  });
});
