import { expect, it } from 'vitest';
import { runSparkify } from '../support/sparkify-process.ts';
import type { ProcessEnd } from '../support/sparkify-process.ts';
import { logLine } from '../support/log-lines.ts';
import { useStack } from '../support/stack.ts';
import { Story } from './support/story.ts';
import type { Settings } from './support/story.ts';

const stack = useStack();
const CONSUME = ['consume', '--until-idle'];
/** Nothing listens on the discard port. */
const NOBODY = 'http://127.0.0.1:9';

it('reports every wrong and missing setting at once and exits with 2', async () => {
  const end = await runSparkify({
    args: CONSUME,
    environment: { SPARKIFY_BUCKET: 'Not A Bucket', SPARKIFY_LINGER_MS: '-1', SPARKIFY_BUKET: 'x' },
  });
  expect(end).toMatchObject({ code: 2, stdout: '' });
  for (const name of ['AWS_REGION', 'SPARKIFY_BUCKET', 'SPARKIFY_LINGER_MS', 'SPARKIFY_QUEUE_URL', 'SPARKIFY_BUKET']) {
    expect(end.stderr).toContain(name);
  }
  expect(end.stderr).toContain('did you mean SPARKIFY_BUCKET?');
  expect(end.stderr).not.toContain('    at ');
});

it('refuses an unknown option with 2', async () => {
  const end = await runSparkify({ args: ['consume', '--untill-idle'], environment: {} });
  expect(end.code).toBe(2);
  expect(end.stderr).toContain('--until-idle');
});

it.each<[string, Settings, RegExp]>([
  ['a bucket that does not exist', { SPARKIFY_BUCKET: 'no-such-bucket' }, /no-such-bucket/],
  ['a schema without tables', { SPARKIFY_SCHEMA: 'never_migrated' }, /never_migrated.*sparkify migrate/s],
  [
    'a role that COPY may not take',
    { SPARKIFY_COPY_ROLE_ARN: 'arn:aws:iam::000000000000:role/somebody-else' },
    /role\/somebody-else/,
  ],
  ['a cluster that does not exist', { SPARKIFY_CLUSTER_IDENTIFIER: 'no-such-cluster' }, /no-such-cluster/],
  ['a database that does not exist', { SPARKIFY_DATABASE: 'no_such_database' }, /no_such_database/],
])('%s: one sentence, exit code 1, and the message is still in the queue', async (_what, settings, sentence) => {
  const story = await waitingFile();
  const end = await story.run(CONSUME, settings);
  expectOneSentence(end, sentence);
  await expectNothingAcknowledged(story);
});

it('a queue that does not exist: one sentence with its address, exit code 1', async () => {
  const story = await waitingFile();
  const queueUrl = story.place.queueUrl.replace(/[^/]+$/, 'no-such-queue');
  const end = await story.run(CONSUME, { SPARKIFY_QUEUE_URL: queueUrl });
  expectOneSentence(end, /no-such-queue/);
  await expectNothingAcknowledged(story);
});

it.each<[string, Settings]>([
  ['S3', { AWS_ENDPOINT_URL_S3: NOBODY }],
  ['SQS', { AWS_ENDPOINT_URL_SQS: NOBODY, SPARKIFY_QUEUE_URL: `${NOBODY}/000000000000/sparkify-ingest` }],
  ['Redshift', { AWS_ENDPOINT_URL_REDSHIFT_DATA: NOBODY }],
])('%s that nobody answers for: one sentence with the address, exit code 1', async (_what, settings) => {
  const story = await waitingFile();
  const end = await story.run(CONSUME, settings);
  expectOneSentence(end, /127\.0\.0\.1:9/);
  await expectNothingAcknowledged(story);
});

it('a dropped table stops the consumer with its name; nothing is acknowledged', async () => {
  const story = await waitingFile();
  await story.star.rows('drop table songplays');
  const end = await story.run(CONSUME);
  expectOneSentence(end, /songplays/);
  await expectNothingAcknowledged(story);
});

it('tables of a newer program: the error has both numbers and the remedy', async () => {
  const story = await waitingFile();
  const newest = await story.star.value<number>('select max(number) from schema_migrations');
  await story.star.rows(
    `insert into schema_migrations select (jsonb_populate_record(m, '{"number": 999}'::jsonb)).* from schema_migrations m
     where number = $1`,
    [newest],
  );
  const end = await story.run(CONSUME);
  expectOneSentence(end, new RegExp(`999.*${String(newest)}|${String(newest)}.*999`, 's'));
  await expectNothingAcknowledged(story);
});

it('tables of an older program: the error says "sparkify migrate"', async () => {
  const story = await waitingFile();
  await story.star.rows('delete from schema_migrations where number = (select max(number) from schema_migrations)');
  const end = await story.run(CONSUME);
  expectOneSentence(end, /sparkify migrate/);
  await expectNothingAcknowledged(story);
});

/** A place with one notification waiting. */
async function waitingFile(): Promise<Story> {
  const story = await Story.begin(stack);
  const line = logLine({ sessionId: 1, ts: Date.UTC(2018, 10, 12) });
  await story.put({ key: 'log_data/day.json', body: new TextEncoder().encode(line) });
  return story;
}

function expectOneSentence(end: ProcessEnd, sentence: RegExp): void {
  expect(end, end.stderr).toMatchObject({ code: 1, signal: null });
  // Besides the log there is one line for the person who started it.
  const spoken = end.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  expect(spoken, end.stderr).toHaveLength(1);
  expect(spoken[0]).toMatch(sentence);
  // A person reads this at night: no stack, no dump.
  expect(end.stderr).not.toMatch(/^\s+at /m);
}

async function expectNothingAcknowledged(story: Story): Promise<void> {
  const { visible, inFlight } = await stack.queueCounts(story.place.queueUrl);
  expect({ visible, inFlight }).toEqual({ visible: 1, inFlight: 0 });
  expect(await story.deadLetters()).toEqual([]);
}
