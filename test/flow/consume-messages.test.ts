import {
  DeleteObjectCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
} from '@aws-sdk/client-s3';
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { useStack } from '../support/stack.ts';
import { aRecord, s3Message } from '../unit/s3-messages.ts';
import { aLog } from './support/play-files.ts';
import { Story } from './support/story.ts';

const stack = useStack();

it('a message with several records is deleted when all its files are settled, even in different batches', async () => {
  const story = await Story.begin(stack);
  await story.putAll([aLog('log_data/one.json', 1), aLog('log_data/two.json', 2), aLog('log_data/three.json', 3)]);
  await joinIntoOneMessage(story, 3);
  await story.consumeAll({ SPARKIFY_BATCH_MAX_FILES: '1' });

  expect(await story.star.files()).toEqual({
    'log_data/one.json': 'loaded',
    'log_data/two.json': 'loaded',
    'log_data/three.json': 'loaded',
  });
  expect(await story.star.value<string>('select count(*) from ingest_batches')).toBe('3');
  await story.expectNothingLeft();
});

it.each([
  ['no JSON at all', 'hello, is this the right queue?', /not JSON/],
  ['JSON of somebody else', '{"order": 7}', /neither an S3 event/],
  ['an S3 event of another major version', event({ eventVersion: '3.0' }), /eventVersion "3\.0"/],
])(
  'a foreign message (%s) lands on the dead-letter queue with the reason, and the files beside it are loaded',
  async (_what, body, reason) => {
    const story = await Story.begin(stack);
    await stack.sqs.send(new SendMessageCommand({ QueueUrl: story.place.queueUrl, MessageBody: body }));
    await story.put(aLog('log_data/fine.json', 1));
    await story.consumeAll();

    const parked = await story.deadLetters();
    expect(parked.map((message) => message.Body)).toEqual([body]);
    const attributes = Object.values(parked[0]?.MessageAttributes ?? {}).map((attribute) => attribute.StringValue);
    expect(attributes.join('\n')).toMatch(reason);
    expect(await story.star.files()).toEqual({ 'log_data/fine.json': 'loaded' });
    await story.expectNothingLeft();
  },
);

it('without a dead-letter queue the consumer continues: an event reports the unreadable message, which waits for its lease to end', async () => {
  const story = await Story.begin(stack);
  await stack.sqs.send(new SendMessageCommand({ QueueUrl: story.place.queueUrl, MessageBody: 'hello' }));
  await story.put(aLog('log_data/fine.json', 1));
  const { stderr } = await story.consumeAll({ SPARKIFY_DEAD_LETTER_QUEUE_URL: `${story.place.queueUrl}-missing` });

  expect(stderr).toMatch(/could not move 1 message to the dead-letter queue \(.*the queue does not exist/);
  expect(await story.star.files()).toEqual({ 'log_data/fine.json': 'loaded' });
  expect(await story.messagesLeft()).toBe(1);
});

it('the test event that S3 sends on configuration is deleted and leaves no trace in the tables', async () => {
  const story = await Story.begin(stack);
  const { QueueConfigurations } = await stack.s3.send(
    new GetBucketNotificationConfigurationCommand({ Bucket: story.place.bucket }),
  );
  await stack.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: story.place.bucket,
      NotificationConfiguration: { QueueConfigurations },
    }),
  );
  expect(await story.messagesLeft()).toBe(1);
  await story.consumeAll();

  expect(await story.star.files()).toEqual({});
  expect(await story.deadLetters()).toEqual([]);
  await story.expectNothingLeft();
});

it('objects outside the datasets are ignored with a reason; folder markers too', async () => {
  const story = await Story.begin(stack, { notifiedPrefixes: ['log_data/', 'song_data/', 'pictures/'] });
  await story.putAll([
    aLog('log_data/fine.json', 1),
    { key: 'pictures/cat.jpg', body: new Uint8Array([0xff, 0xd8, 0xff]) },
    { key: 'song_data/A/', body: new Uint8Array() },
  ]);
  await story.consumeAll();

  const files = await story.star.rows<{ object_key: string; status: string; reason: string | null }>(
    'select object_key, status, reason from ingest_files order by object_key',
  );
  expect(files.map(({ object_key, status }) => [object_key, status])).toEqual([
    ['log_data/fine.json', 'loaded'],
    ['pictures/cat.jpg', 'ignored'],
    ['song_data/A/', 'ignored'],
  ]);
  expect(files[1]?.reason).toMatch(/neither "song_data\/" \(songs\) nor "log_data\/" \(logs\)/);
  expect(files[2]?.reason).toMatch(/folder marker/);
  expect((await story.star.counts()).songplays).toBe(1);
  await story.expectNothingLeft();
});

it('with a prefix that has never had a file nothing is settled and the pause names the setting; then strays are a warning', async () => {
  const story = await Story.begin(stack, { notifiedPrefixes: ['log_data/', 'events/'] });
  await story.putAll([aLog('log_data/one.json', 1), aLog('log_data/two.json', 2)]);
  const wrong = { SPARKIFY_LOG_PREFIX: 'events/' };
  const consumer = story.start(['consume'], wrong);
  const lineOf = (event: string) => (process: typeof consumer) =>
    process.logLines().find((line) => line['event'] === event);
  expect(await consumer.waitFor('the pause', lineOf('intake.paused'))).toMatchObject({
    reason: 'load: prefix_unused',
    sentence: expect.stringMatching(
      /2 new files elsewhere, such as .*log_data\/(one|two)\.json.* SPARKIFY_LOG_PREFIX/,
    ) as string,
  });
  expect(await story.star.files()).toEqual({});
  expect(await story.messagesLeft()).toBe(2);

  await story.put(aLog('events/three.json', 3));
  expect(await consumer.waitFor('the warning', lineOf('load.strays_ignored'))).toMatchObject({
    level: 'warn',
    count: 2,
    example: expect.stringMatching(/log_data\/(one|two)\.json$/) as string,
  });
  await consumer.waitFor('the load', (process) =>
    process.logLines().find(({ event, lane }) => event === 'load.committed' && lane === 'logs'),
  );
  consumer.kill('SIGTERM');
  expect((await consumer.end).code).toBe(0);
  expect(await story.star.files()).toEqual({
    'log_data/one.json': 'ignored',
    'log_data/two.json': 'ignored',
    'events/three.json': 'loaded',
  });
  await story.expectNothingLeft();
});

it('a deletion is ignored with the setting as the reason, or processed when the setting is remove; an expiration is always ignored', async () => {
  const story = await Story.begin(stack);
  const { bucket, queueUrl } = story.place;
  await story.putAll([aLog('log_data/kept.json', 1), aLog('log_data/other.json', 2)]);
  await story.consumeAll();
  const loaded = await story.star.counts();

  const remove = async (Key: string) => await stack.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
  await remove('log_data/kept.json');
  const expired = aRecord({ bucket, key: 'log_data/other.json', eventName: 'LifecycleExpiration:Delete' });
  await stack.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: s3Message(expired) }));
  await story.consumeAll();
  const entries = async () =>
    await story.star.rows<{ key: string; status: string; etag: string; size: string; reason: string | null }>(
      "select object_key as key, status, etag, size, reason from ingest_files where etag = '' order by event_time",
    );
  const reason = 'the object was deleted, and SPARKIFY_ON_DELETE is keep: its rows stay';
  const kept = { key: 'log_data/kept.json', status: 'ignored', etag: '', size: '0', reason };
  expect(await entries()).toEqual([kept]);
  expect(await story.star.counts()).toEqual(loaded);

  await remove('log_data/other.json');
  await story.consumeAll({ SPARKIFY_ON_DELETE: 'remove' });
  const [, removed, ...more] = await entries();
  expect(removed?.key).toBe('log_data/other.json');
  expect(removed?.status).not.toBe('ignored');
  expect(more).toEqual([]);
  await story.expectNothingLeft();
});

function event(overrides: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({
    Records: [{ eventVersion: '2.1', eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', ...overrides }],
  });
}

/** S3 may put several records into one message; here the records are S3's own, taken out of the queue and sent as one. */
async function joinIntoOneMessage(story: Story, messages: number): Promise<void> {
  const { sqs } = stack;
  const { queueUrl: QueueUrl } = story.place;
  const records: unknown[] = [];
  while (records.length < messages) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 }),
    );
    for (const { Body, ReceiptHandle } of Messages) {
      records.push(...(JSON.parse(Body ?? '') as { Records: unknown[] }).Records);
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ Records: records }) }));
}
