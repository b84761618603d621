import { SendMessageCommand } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FileEvent } from '../../src/core/file-event.ts';
import { objectId } from '../../src/core/loading/ledger.ts';
import { readNotification } from '../../src/core/intake/notification.ts';
import { startLoading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { aRecord, anEventBridgeEvent, s3Message } from '../unit/s3-messages.ts';
import type { RecordOptions } from '../unit/s3-messages.ts';
import { runSparkify } from '../support/sparkify-process.ts';
import { useStack } from '../support/stack.ts';
import { aLog, sessions, textFile } from './support/play-files.ts';
import { Story } from './support/story.ts';

const stack = useStack();

/** Fields that no S3 sends and that the ledger could not store, each with the reason on the dead-letter queue. */
const IMPOSSIBLE: readonly (readonly [what: string, record: RecordOptions, reason: RegExp])[] = [
  ['an etag that is too long', { etag: 'e'.repeat(81) }, /eTag "e+…" of 81 bytes, expected/],
  ['an etag with a NUL', { etag: 'e\0' }, /eTag "e\\u0000"/],
  ['an etag with half a surrogate pair', { etag: 'e\ud800' }, /eTag "e\\ud800"/],
  ['a sequencer that is too long', { sequencer: 'A'.repeat(65) }, /sequencer "A+…" of 65 bytes, expected/],
  ['a sequencer that is not a number', { sequencer: 'later' }, /sequencer "LATER"/],
  ['a version id that is too long', { versionId: 'v'.repeat(1025) }, /versionId "v+…" of 1025 bytes, expected/],
  ['a version id with a NUL', { versionId: 'v\0' }, /versionId "v\\u0000"/],
  [
    'a deletion of a version that cannot be',
    { eventName: 'ObjectRemoved:Delete', versionId: 'v\0' },
    /versionId "v\\u0000"/,
  ],
  ['a bucket that is too long', { bucket: 'b'.repeat(64) }, /bucket "b+…" of 64 bytes, expected/],
  ['a bucket with a NUL', { bucket: 'b\0' }, /bucket "b\\u0000"/],
  ['a key that is too long', { key: `log_data/${'ü'.repeat(508)}` }, /key "log_data\/ü+…" of 1025 bytes, expected/],
  ['the year 1', { eventTime: '0001-01-01T00:00:00Z' }, /eventTime 0001-01-01T/],
  ['the last year that there is', { eventTime: '+275760-09-13T00:00:00.000Z' }, /eventTime \+275760-09-13T/],
  ['the first year that there is', { eventTime: '-271821-04-20T00:00:00.000Z' }, /eventTime -271821-04-20T/],
  ['the year before S3', { eventTime: '2005-12-31T00:00:00Z' }, /eventTime 2005-12-31T/],
  ['a time two days ahead', { eventTime: new Date(Date.now() + 2 * 86_400_000).toISOString() }, /expected .* to /],
  ['a size that is not a whole number', { size: 1.5 }, /size 1\.5, expected/],
];

const ODD_KEYS = {
  log: 'log_data/a\0b.json',
  song: 'song_data/a\0b.json',
  control: 'log_data/a\u0001\u001b\u007f.json',
};

it('a message with any content leaves the consumer running: impossible records go to the dead-letter queue with a reason, the others are settled', async () => {
  const story = await Story.begin(stack);
  const { bucket } = story.place;
  const send = async (body: string) =>
    await stack.sqs.send(new SendMessageCommand({ QueueUrl: story.place.queueUrl, MessageBody: body }));

  for (const [, record] of IMPOSSIBLE) await send(s3Message(aRecord({ bucket, key: 'log_data/x.json', ...record })));
  await send(anEventBridgeEvent({ bucket, key: 'log_data/\ud800.json' }));
  const song = { song_id: 'SO1', title: 'T', artist_id: 'AR1', artist_name: 'A', duration: 1.5, year: 0 };
  await story.putAll([
    aLog('log_data/good.json', 1),
    aLog(ODD_KEYS.log, 2),
    aLog(ODD_KEYS.control, 3),
    textFile(ODD_KEYS.song, JSON.stringify(song)),
  ]);
  await story.consumeAll();

  const reasons = (await allDeadLetters(story)).map(({ MessageAttributes }) =>
    Object.values(MessageAttributes ?? {})
      .map(({ StringValue }) => StringValue)
      .join('\n'),
  );
  for (const [what, , reason] of IMPOSSIBLE)
    expect(reasons.filter((text) => reason.test(text)).length, what).toBeGreaterThan(0);
  expect(reasons.filter((text) => /key "log_data\/\\ud800.json"/.test(text))).toHaveLength(1);
  expect(reasons).toHaveLength(IMPOSSIBLE.length + 1);

  const settled = {
    'log_data/good.json': 'loaded',
    'log_data/a\\u0000b.json': 'loaded',
    [ODD_KEYS.control]: 'loaded',
    'song_data/a\\u0000b.json': 'loaded',
  };
  expect(await story.star.files()).toEqual(settled);
  expect(await sessions(story)).toEqual([1, 2, 3]);
  expect(await story.star.rows('select song_id from songs')).toEqual([{ song_id: 'SO1' }]);
  const ids = await story.star.rows<{ object_id: string }>('select object_id from ingest_files');
  const keys = ['log_data/good.json', ...Object.values(ODD_KEYS)];
  expect(new Set(ids.map(({ object_id }) => object_id))).toEqual(new Set(keys.map((key) => objectId({ bucket, key }))));
  await story.expectNothingLeft();

  for (const command of [['backfill'], ['verify']]) {
    const end = await runSparkify({ args: command, environment: story.environment() });
    expect(end, `${command.join(' ')}: ${end.stderr}`).toMatchObject({ code: 0 });
  }
  expect(await story.star.files()).toEqual(settled);
});

it('any key that S3 can hold is settled under the id of that key, in logs and in songs', async () => {
  const loading = await startLoading(stack);
  const { bucket } = loading.settings;
  const keys = fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }), {
    minLength: 8,
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(keys, async (names) => {
      for (const lane of ['logs', 'songs'] as const) {
        const prefix = lane === 'logs' ? 'log_data/' : 'song_data/';
        const body = lane === 'logs' ? lines(aPlay()) : JSON.stringify(aSong());
        const files = await Promise.all(names.map((name) => loading.put(`${prefix}${name}`, body)));
        const { files: settled } = await loading.load(lane, files.map(announced));
        expect(settled.map(({ file, status }) => [file.key, status])).toEqual(files.map(({ key }) => [key, 'loaded']));
        const ids = files.map((file) => objectId({ bucket, key: file.key }));
        const known = await loading.rows('select object_id from ingest_files');
        expect(known.map(({ object_id }) => object_id)).toEqual(expect.arrayContaining(ids));
      }
    }),
    { numRuns: 3, endOnFailure: true, examples: [[['\0', 'a\0', '\r', '\n', '%00', '..', '\u0085', '\uffff']]] },
  );
});

/** The file as the notification of its put names it. */
function announced({ bucket, etag, key, sequencer }: FileEvent): FileEvent {
  const notification = readNotification(s3Message(aRecord({ bucket, key, etag, sequencer: sequencer ?? '' })));
  if (notification.kind !== 'events' || notification.files[0] === undefined)
    throw new Error(JSON.stringify(notification));
  return notification.files[0];
}

async function allDeadLetters(story: Story) {
  const seen = new Map<string, Awaited<ReturnType<Story['deadLetters']>>[number]>();
  // A receive takes ten at most, and the queue gives which it wants.
  while (seen.size < IMPOSSIBLE.length + 1) {
    const letters = await story.deadLetters({ hideSeconds: 30 });
    if (letters.length === 0) break;
    for (const letter of letters) seen.set(letter.MessageId ?? '', letter);
  }
  return [...seen.values()];
}
