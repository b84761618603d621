import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { realClock } from '../../src/app/real.ts';
import { SqsQueue } from '../../src/aws/sqs-queue.ts';
import type { ConsumerSettings } from '../../src/consumer/consumer-settings.ts';
import { Consumer } from '../../src/consumer/run-consumer.ts';
import type { IngestEvent } from '../../src/core/events.ts';
import { fileIdentity } from '../../src/core/file-identity.ts';
import type { Batch, LoadBatch } from '../../src/core/load.ts';
import { waitUntil } from '../support/wait-until.ts';
import { SETTINGS, logMessage, outcomeOf, songMessage } from './consumer-harness.ts';
import { useSqs } from './sqs-server.ts';

const sqs = useSqs();

function start(queueUrl: string, options: { settings?: Partial<ConsumerSettings>; load?: LoadBatch } = {}) {
  const loads: Batch[] = [];
  const events: IngestEvent[] = [];
  const intake = new AbortController();
  const work = new AbortController();
  const consumer = new Consumer({
    queue: new SqsQueue({ client: sqs.client, queueUrl, deadLetterQueueUrl: null }),
    loadBatch: async (batch, signal) => {
      loads.push(batch);
      return options.load === undefined ? outcomeOf(batch) : await options.load(batch, signal);
    },
    clock: realClock,
    random: () => 0.5,
    emit: (event) => events.push(event),
    loadAnsweredAtMs: () => null,
    settings: { ...SETTINGS, queueUrl, lingerMs: 100, longPollSeconds: 1, ...options.settings },
  });
  const ended = consumer.run({ drain: intake.signal, abort: work.signal });
  return { consumer, loads, events, ended, stop: () => intake.abort(), stopWorking: () => work.abort() };
}

describe('the consumer on SQS', () => {
  it('empties a queue of a thousand messages, each file in one batch, and ends when it is idle', async () => {
    const { queueUrl } = await sqs.queue();
    const names = Array.from({ length: 1000 }, (_, n) => `${n}.json`);
    await sqs.send(
      queueUrl,
      names.map((name, n) => (n % 2 === 0 ? songMessage(name) : logMessage(name))),
    );
    const { ended, loads } = start(queueUrl, { settings: { until: 'idle', batchMaxFiles: 300, maxHeldFiles: 500 } });
    expect(await ended).toMatchObject({ reason: 'idle', error: null, leftMessages: 0 });
    const files = loads.flatMap((batch) => batch.files.map(fileIdentity));
    expect(new Set(files).size).toBe(1000);
    expect(files).toHaveLength(1000);
    expect(await sqs.counts(queueUrl)).toEqual({ visible: 0, inFlight: 0 });
  });

  it('moves a foreign message to the dead-letter queue with its reason and loads the others', async () => {
    const { queueUrl, deadLetterQueueUrl } = await sqs.queue();
    await sqs.send(queueUrl, ['{"hello":"world"}', logMessage('a')]);
    const { ended, loads } = start(queueUrl, { settings: { until: 'idle' } });
    await ended;
    expect(loads.map((batch) => batch.files.length)).toEqual([1]);
    expect(await sqs.peek(deadLetterQueueUrl ?? '')).toMatchObject([
      { body: '{"hello":"world"}', attributes: { SparkifyReason: expect.stringContaining('Records') as string } },
    ]);
    expect(await sqs.counts(queueUrl)).toEqual({ visible: 0, inFlight: 0 });
  });

  it('keeps a message invisible while its load takes longer than the visibility', async () => {
    const { queueUrl } = await sqs.queue();
    await sqs.send(queueUrl, [logMessage('slow')]);
    const { ended, loads, events } = start(queueUrl, {
      settings: { until: 'idle', visibilitySeconds: 4 },
      // More than two leases long, in real time: only SQS itself can say whether the lease held.
      load: async (batch) => await delay(10_000, outcomeOf(batch)),
    });
    await ended;
    expect(loads).toHaveLength(1);
    expect(events.filter((event) => event.kind === 'message.received')).toHaveLength(1);
    expect(events.filter((event) => event.kind === 'lease.renewed').length).toBeGreaterThanOrEqual(3);
    expect(await sqs.counts(queueUrl)).toEqual({ visible: 0, inFlight: 0 });
  });

  it('that is stopped in the middle of a load releases the messages it did not start, for the next consumer', async () => {
    const { queueUrl } = await sqs.queue();
    await sqs.send(queueUrl, [logMessage('in flight')]);
    let finish: () => void = () => undefined;
    const first = start(queueUrl, {
      load: async (batch) => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return outcomeOf(batch);
      },
    });
    await waitUntil(() => first.loads.length === 1, { what: 'the first load' });
    await sqs.send(queueUrl, [logMessage('waiting 1'), songMessage('waiting 2')]);
    await waitUntil(() => first.consumer.snapshot().heldFiles === 3, { what: 'the other files to be held' });
    first.stop();
    await waitUntil(async () => (await sqs.counts(queueUrl)).visible === 2, {
      what: 'what was not started to be back',
    });
    finish();
    expect(await first.ended).toMatchObject({ reason: 'asked', loads: 1, leftMessages: 2, leftFiles: 2 });
    const second = start(queueUrl, { settings: { until: 'idle' } });
    await second.ended;
    expect(second.loads.flatMap((batch) => batch.files.map((file) => file.key)).toSorted()).toEqual([
      'log_data/waiting 1',
      'song_data/waiting 2',
    ]);
    expect(await sqs.counts(queueUrl)).toEqual({ visible: 0, inFlight: 0 });
  });

  it('shares a queue with another one: every message is loaded by one of them', async () => {
    const { queueUrl } = await sqs.queue();
    const settings = { until: 'idle', batchMaxFiles: 20, maxHeldFiles: 40 } as const;
    await sqs.send(
      queueUrl,
      Array.from({ length: 200 }, (_, n) => logMessage(`${n}`)),
    );
    const both = [start(queueUrl, { settings }), start(queueUrl, { settings })];
    await Promise.all(both.map(async ({ ended }) => await ended));
    const files = both.flatMap(({ loads }) => loads.flatMap((batch) => batch.files.map(fileIdentity)));
    expect(new Set(files).size).toBe(200);
    expect(files).toHaveLength(200);
    expect(await sqs.counts(queueUrl)).toEqual({ visible: 0, inFlight: 0 });
  });
});
