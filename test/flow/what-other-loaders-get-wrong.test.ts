import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { RedshiftClient } from '@aws-sdk/client-redshift';
import { expect, it, onTestFinished } from 'vitest';
import { createClusterControl } from '../../src/aws/redshift-cluster.ts';
import { logLine } from '../support/log-lines.ts';
import { startLosingProxy } from '../support/losing-proxy.ts';
import { useStack } from '../support/stack.ts';
import { waitUntil } from '../support/wait-until.ts';
import { generatedFiles } from './support/generated.ts';
import { holdLoads } from './support/held-load.ts';
import type { InputFile } from './support/sample.ts';
import { NOON, aLog, sessions, textFile } from './support/play-files.ts';
import { Story } from './support/story.ts';

// The five faults that users of home-made loaders complain about most, each in the real program on real servers.
const stack = useStack();

it('a file that arrives while batches close and load is not lost: it is in a later batch', async () => {
  const story = await Story.begin(stack);
  const files = Array.from({ length: 30 }, (_, n) => aLog(`log_data/${n}.json`, n));
  const load = await holdLoads(story);
  const consumer = story.start(['consume'], { SPARKIFY_LINGER_MS: '0', SPARKIFY_BATCH_MAX_FILES: '3' });
  // Batches close by count all the time, one load is under way, and files come in between.
  await story.putAll(files.slice(0, 12));
  await load.reached();
  const rest = story.putAll(files.slice(12));
  await load.release();
  await rest;
  await waitUntil(async () => Object.keys(await story.star.files()).length === files.length, {
    what: 'every file in the ledger',
    timeoutMs: 120_000,
  });
  await waitUntil(async () => (await story.messagesLeft()) === 0, { what: 'an empty queue', timeoutMs: 60_000 });
  consumer.kill('SIGTERM');
  expect(await consumer.end).toMatchObject({ code: 0 });

  expect(await sessions(story)).toEqual(files.map((_, n) => n));
  expect(await story.star.value<string>('select count(*) from ingest_batches')).not.toBe('1');
  expect(await story.star.value<string>('select sum(files) from ingest_batches')).toBe(String(files.length));
  await story.expectNothingLeft();
});

it('a commit whose answer never came is not loaded a second time', async () => {
  const story = await Story.begin(stack);
  const proxy = await startLosingProxy(story.place.environment['AWS_ENDPOINT_URL_REDSHIFT_DATA'] ?? '', (call) =>
    call.statementName.includes(' publish ') ? 'lose_answer' : 'answer',
  );
  onTestFinished(() => proxy.stop());
  const { logs, songs } = generatedFiles({ seed: 5, events: 200, songs: 20, files: 4 });
  await story.putAll([...songs, ...logs]);
  // Every answer to every publish is lost, until the SDK and the service give up: all that is left is to ask the ledger.
  await story.consumeAll({ AWS_ENDPOINT_URL_REDSHIFT_DATA: proxy.url });

  expect(proxy.calls.filter((call) => call.includes(' publish ')).length).toBeGreaterThan(2);
  const plays = logs.flatMap(({ body }) => new TextDecoder().decode(body).match(/"page":"NextSong"/g) ?? []);
  expect((await story.star.counts()).songplays).toBe(plays.length);
  expect(await story.star.rows('select songplay_id from songplays group by songplay_id having count(*) > 1')).toEqual(
    [],
  );
  expect(await story.star.rows('select file_id from ingest_files group by file_id having count(*) > 1')).toEqual([]);
  expect(await story.star.value<string>('select sum(files) from ingest_batches')).toBe(
    String(songs.length + logs.length),
  );
  expect(await story.run(['verify'])).toMatchObject({ code: 0 });
  await story.expectNothingLeft();
});

it('a warehouse that is away for longer than the leases moves no message to the dead-letter queue', async () => {
  const story = await Story.begin(stack);
  // Whatever is received a second time goes to the dead-letter queue.
  await redriveAfterOneReceive(story);
  const client = new RedshiftClient({});
  onTestFinished(() => client.destroy());
  const cluster = createClusterControl(client, story.place.environment['SPARKIFY_CLUSTER_IDENTIFIER'] ?? '');
  const becomes = async (status: string) => {
    const isThere = async () => (await cluster.status()).status === status;
    await waitUntil(isThere, { what: `the cluster is ${status}`, timeoutMs: 30_000 });
  };
  const files = Array.from({ length: 12 }, (_, n) => aLog(`log_data/${n}.json`, n));
  const settings = { SPARKIFY_VISIBILITY_SECONDS: '10', SPARKIFY_DRAIN_SECONDS: '5', SPARKIFY_LOG_LEVEL: 'debug' };
  const consumer = story.start(['consume'], settings);
  await consumer.waitFor('the consumer at work', (process) => process.text.includes('consumer.started') || undefined);
  await cluster.pause();
  onTestFinished(async () => {
    if ((await cluster.status()).status === 'paused') await cluster.resume();
  });
  await becomes('paused');
  await story.putAll(files);
  // A lease of ten seconds is renewed at half its time: by the third renewal the first lease would have ended.
  const renewals = (text: string) => text.match(/"event":"lease.renewed"/g)?.length ?? 0;
  await consumer.waitFor('leases that were renewed', ({ text }) => renewals(text) >= 3 || undefined, 60_000);
  expect(consumer.text).toContain('intake.paused');
  expect(await story.deadLetters()).toEqual([]);
  await cluster.resume();
  await becomes('available');

  await waitUntil(async () => (await story.messagesLeft()) === 0, { what: 'an empty queue', timeoutMs: 120_000 });
  consumer.kill('SIGTERM');
  expect(await consumer.end).toMatchObject({ code: 0 });
  expect(await sessions(story)).toEqual(files.map((_, n) => n));
  expect(await story.deadLetters()).toEqual([]);
  await story.expectNothingLeft();
});

it('an old profile that arrives late does not overwrite the new one, in the same batch or days later', async () => {
  const story = await Story.begin(stack);
  const profile = (key: string, level: 'free' | 'paid', ts: number) =>
    textFile(key, logLine({ sessionId: 1, itemInSession: 1, userId: '8', level, ts, firstName: level, page: 'Home' }));
  await story.putAll([
    profile('log_data/b.json', 'paid', NOON + 2_000),
    profile('log_data/a.json', 'free', NOON + 1_000),
  ]);
  await story.consumeAll();
  await story.put(profile('log_data/very-late.json', 'free', NOON - 86_400_000));
  await story.consumeAll();
  expect(await story.star.rows('select user_id::integer as user_id, first_name, level from users')).toEqual([
    { user_id: 8, first_name: 'paid', level: 'paid' },
  ]);

  await story.put(profile('log_data/c.json', 'free', NOON + 3_000));
  await story.consumeAll();
  expect(await story.star.value<string>('select level from users')).toBe('free');
  await story.expectNothingLeft();
});

it('a bad file stops neither its batch nor later batches', async () => {
  const story = await Story.begin(stack);
  const bad: readonly InputFile[] = [
    textFile('log_data/00-cut-off.json', '{"page": "NextSong", '),
    textFile('log_data/01-no-json.json', 'GIF89a'),
    { key: 'log_data/02-utf16.json', body: Buffer.from(logLine({ sessionId: 900, ts: NOON }), 'utf16le') },
    textFile('log_data/03-array.json', `[${logLine({ sessionId: 901, ts: NOON }).trim()}]`),
    textFile('log_data/04-no-archive.json.gz', 'not compressed'),
    textFile('song_data/05-no-json.json', 'ID3'),
  ];
  for (const one of bad) await story.put(one);
  const good = Array.from({ length: 8 }, (_, n) => aLog(`log_data/good-${n}.json`, n));
  await story.putAll(good);
  const settings = { SPARKIFY_BATCH_MAX_FILES: '4' };
  const end = await story.consumeAll(settings);

  const shall = [...bad.map(({ key }) => [key, 'quarantined']), ...good.map(({ key }) => [key, 'loaded'])];
  expect(await story.star.files()).toEqual(Object.fromEntries(shall));
  expect(await sessions(story)).toEqual(good.map((_, n) => n));
  const reasons = await story.star.rows<{ reason: string | null }>(
    "select reason from ingest_files where status = 'quarantined'",
  );
  for (const { reason } of reasons) expect(reason).toMatch(/\w/);
  for (const { key } of bad) expect(end.stderr).toContain(key);
  expect(await story.deadLetters()).toEqual([]);
  await story.expectNothingLeft();
});

async function redriveAfterOneReceive(story: Story): Promise<void> {
  const deadLetterTargetArn = (await story.queueArn()).replace(
    /[^:]+$/,
    story.place.deadLetterQueueUrl.split('/').at(-1) ?? '',
  );
  await stack.sqs.send(
    new SetQueueAttributesCommand({
      QueueUrl: story.place.queueUrl,
      Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: '1' }) },
    }),
  );
}
