import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import type { DeadLetters } from '../../src/app/compose-dead-letters.ts';
import { notificationOf } from '../../src/backfill/feed-queue.ts';
import { aPlay, lines } from '../support/log-events.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { useStack } from '../support/stack.ts';
import { Story } from './support/story.ts';

const stack = useStack();

it('a message that the consumer could not read is listed with its reason, and stays on the dead-letter queue', async () => {
  const story = await Story.begin(stack);
  const bodies = ['hello, is this\nthe right \u009b31mqueue?', '{"order": 7}'];
  for (const body of bodies) await send(story.place.queueUrl, body);
  await story.consumeAll();

  const { stdout, code } = await story.run(['dead-letters']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/not JSON +no file: hello, is this\\u000athe right \\u009b31mqueue\?/);
  expect(stdout).toMatch(/JSON, but neither an S3 event.* +no file: \{"order": 7\}/);
  expect(stdout).not.toContain('\u009b');
  expect(stdout).toContain(`2 dead letters in ${story.place.deadLetterQueueUrl}`);

  const { letters } = await listed(story);
  expect(letters.map(({ body }) => body).sort()).toEqual([...bodies].sort());
  expect(await stack.queueCounts(story.place.deadLetterQueueUrl)).toMatchObject({ visible: 2, inFlight: 0 });
});

it('the list shows the message id that the consumer logged', async () => {
  const story = await Story.begin(stack);
  const MessageId = await send(story.place.queueUrl, 'not for us');
  const { stderr } = await story.consumeAll();
  expect(stderr).toContain(MessageId);
  const [letter] = (await listed(story)).letters;
  expect(letter).toMatchObject({ messageId: MessageId, reason: 'not JSON', files: [] });
});

it('for a message that SQS itself moved, the list says so and names the files that it announces', async () => {
  const story = await Story.begin(stack);
  await allowOneReceive(story);
  await story.put({ key: 'log_data/a file.json', body: new Uint8Array() });
  const receive = new ReceiveMessageCommand({
    QueueUrl: story.place.queueUrl,
    WaitTimeSeconds: 5,
    VisibilityTimeout: 0,
  });
  await stack.sqs.send(receive);
  await stack.sqs.send(receive);

  const [letter] = (await listed(story)).letters;
  expect(letter?.reason).toMatch(/^moved by SQS, not by sparkify/);
  expect(letter?.files).toEqual([`s3://${story.place.bucket}/log_data/a file.json`]);
});

it('the list keeps its limit, and says that there may be more messages', async () => {
  const story = await Story.begin(stack);
  for (let n = 0; n < 12; n += 1) await send(story.place.deadLetterQueueUrl, `letter ${n}`);
  const { stdout } = await story.run(['dead-letters', '--max', '11']);
  expect(stdout.match(/no file: letter \d+/g)).toHaveLength(11);
  expect(stdout).toContain('there may be more (--max 11)');
  expect((await listed(story)).letters).toHaveLength(12);
});

it('the dead-letter queue of the settings takes precedence over that of the redrive policy', async () => {
  const [story, other] = [await Story.begin(stack), await Story.begin(stack)];
  await send(other.place.deadLetterQueueUrl, 'elsewhere');
  expect(await listed(story)).toMatchObject({ letters: [] });
  const settings = { SPARKIFY_DEAD_LETTER_QUEUE_URL: other.place.deadLetterQueueUrl };
  expect((await listed(story, settings)).letters.map(({ body }) => body)).toEqual(['elsewhere']);
  expect((await story.run(['dead-letters'])).stdout).toBe(`no dead letters in ${story.place.deadLetterQueueUrl}\n`);
});

it('without a dead-letter queue the command fails with the remedy', async () => {
  const story = await Story.begin(stack);
  const { queueUrl: QueueUrl } = story.place;
  await stack.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy: '' } }));
  const { code, stderr } = await story.run(['dead-letters']);
  expect(code).toBe(1);
  expect(stderr).toContain('has no dead-letter queue. Give it a redrive policy, or set SPARKIFY_DEAD_LETTER_QUEUE_URL');
});

it('letters are sent again by reason, deleted by id or all, and their bodies are kept; two persons at once take each letter once', async () => {
  const story = await Story.begin(stack, { notifiedPrefixes: [] });
  const { bucket, deadLetterQueueUrl, queueUrl } = story.place;
  const log = { bucket, key: 'log_data/a.json', etag: 'a', size: 1, eventTimeMs: Date.UTC(2018, 10, 15) };
  await story.put({ key: log.key, body: new TextEncoder().encode(lines(aPlay())) });
  for (const body of [notificationOf(log), notificationOf(log), 'no JSON']) await send(deadLetterQueueUrl, body);

  const refused = await Promise.all([
    story.run(['dead-letters', 'purge']),
    story.run(['dead-letters', 'redrive']),
    story.run(['dead-letters', 'delete']),
    story.run(['dead-letters', 'delete', '--all']),
  ]);
  expect(refused.map(({ code }) => code)).toEqual([2, 2, 2, 2]);
  expect(refused[3].stderr).toContain('add --yes');

  const redrive = ['dead-letters', 'redrive', '--reason', 'moved by SQS', '--json', '--max', '2'];
  const redriven = await Promise.all([story.run(redrive), story.run(redrive)]);
  const ids = redriven.flatMap(({ stdout }) => (JSON.parse(stdout) as DeadLetters).letters.map((one) => one.messageId));
  expect(ids).toHaveLength(3);
  expect(new Set(ids).size).toBe(3);
  expect(await stack.queueCounts(queueUrl)).toMatchObject({ visible: 3 });
  await story.consumeAll();
  expect(await story.star.files()).toEqual({ [log.key]: 'loaded' });

  const [letter] = (await listed(story)).letters;
  expect(letter).toMatchObject({ body: 'no JSON' });
  const save = join(temporaryFolder(), 'letters.jsonl');
  const deleted = await story.run(['dead-letters', 'delete', letter?.messageId ?? '', 'no-such-id', '--save', save]);
  expect(deleted).toMatchObject({ code: 1, stdout: expect.stringContaining('no-such-id was not received') as unknown });
  expect(JSON.parse(readFileSync(save, 'utf8'))).toMatchObject({ messageId: letter?.messageId, body: 'no JSON' });

  await send(deadLetterQueueUrl, 'again');
  const all = ['dead-letters', 'delete', '--all', '--yes', '--save', save];
  // The file is there: nothing is deleted.
  expect(await story.run(all)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('cannot be written') as unknown,
  });
  expect(await story.run([...all.slice(0, -1), `${save}.2`])).toMatchObject({ code: 0 });
  expect((await listed(story)).letters).toEqual([]);
  expect(readFileSync(`${save}.2`, 'utf8')).toContain('"body":"again"');
});

async function send(QueueUrl: string, MessageBody: string): Promise<string> {
  return (await stack.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }))).MessageId ?? '';
}

async function listed(story: Story, settings: Readonly<Record<string, string>> = {}): Promise<DeadLetters> {
  const { stdout, stderr } = await story.run(['dead-letters', '--json'], settings);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as DeadLetters;
}

async function allowOneReceive(story: Story): Promise<void> {
  const { queueUrl: QueueUrl } = story.place;
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] });
  const policy = JSON.parse((await stack.sqs.send(asked)).Attributes?.['RedrivePolicy'] ?? '') as object;
  const RedrivePolicy = JSON.stringify({ ...policy, maxReceiveCount: '1' });
  await stack.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));
}
