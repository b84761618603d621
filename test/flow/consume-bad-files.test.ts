import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { logLine } from '../support/log-lines.ts';
import { useStack } from '../support/stack.ts';
import { NOON, aLog, sessions, textFile } from './support/play-files.ts';
import { Story } from './support/story.ts';

const stack = useStack();

it('an empty file is loaded with no rows, and so is one of blank lines', async () => {
  const story = await Story.begin(stack);
  await story.putAll([
    textFile('log_data/empty.json', ''),
    textFile('log_data/blank.json', '\n\n'),
    aLog('log_data/fine.json', 1),
  ]);
  await story.consumeAll();

  expect(await story.star.files()).toEqual({
    'log_data/empty.json': 'loaded',
    'log_data/blank.json': 'loaded',
    'log_data/fine.json': 'loaded',
  });
  expect((await story.star.counts()).songplays).toBe(1);
  await story.expectNothingLeft();
});

it('a batch of nothing but an empty file is loaded', async () => {
  const story = await Story.begin(stack);
  await story.put(textFile('log_data/empty.json', ''));
  await story.consumeAll();
  expect(await story.star.files()).toEqual({ 'log_data/empty.json': 'loaded' });
  await story.expectNothingLeft();
});

it('a log with broken JSON in the middle is set aside with line and reason, and the rest of its batch is in the star', async () => {
  const story = await Story.begin(stack);
  const broken =
    logLine({ sessionId: 90, ts: NOON }) +
    '{"artist": "cut off in the mid\n' +
    logLine({ sessionId: 91, ts: NOON + 1 });
  await story.putAll([
    aLog('log_data/1.json', 1),
    textFile('log_data/2-broken.json', broken),
    aLog('log_data/3.json', 3),
  ]);
  const end = await story.consumeAll();

  expect(
    await story.star.rows('select object_key, status, line_number::integer as line from ingest_files order by 1'),
  ).toEqual([
    { object_key: 'log_data/1.json', status: 'loaded', line: null },
    { object_key: 'log_data/2-broken.json', status: 'quarantined', line: 2 },
    { object_key: 'log_data/3.json', status: 'loaded', line: null },
  ]);
  const reason = await story.star.value<string>(`select reason from ingest_files where status = 'quarantined'`);
  expect(reason).toMatch(/json/i);
  expect(await sessions(story)).toEqual([1, 3]);
  expect(end.stderr).toContain('log_data/2-broken.json');
  await story.expectNothingLeft();
});

it('a repaired file that is put again under its old key is loaded', async () => {
  const story = await Story.begin(stack);
  await story.put(textFile('log_data/day.json', '{"page": "NextSong", '));
  await story.consumeAll();
  await story.put(aLog('log_data/day.json', 5));
  await story.consumeAll();

  const statuses = await story.star.rows('select status from ingest_files order by sequencer');
  expect(statuses).toEqual([{ status: 'quarantined' }, { status: 'loaded' }]);
  expect(await sessions(story)).toEqual([5]);
  await story.expectNothingLeft();
});

it('a row that does not fit goes to the rejected rows with text, column and reason; its neighbours are loaded', async () => {
  const story = await Story.begin(stack);
  const tooLong = 'x'.repeat(3000);
  const body =
    logLine({ sessionId: 1, ts: NOON }) +
    logLine({ sessionId: 2, ts: NOON, userId: 'not a number' }) +
    logLine({ sessionId: 3, ts: NOON, song: tooLong }) +
    logLine({ sessionId: 4, ts: NOON, page: 'Home' });
  await story.put(textFile('log_data/mixed.json', body));
  await story.consumeAll();

  expect(await sessions(story)).toEqual([1]);
  const rejected = await story.star.rows<{ column_name: string; reason: string; row_text: string }>(
    'select column_name, reason, row_text from rejected_rows order by column_name',
  );
  expect(rejected.map((row) => row.column_name)).toEqual(['song_title', 'user_id']);
  expect(rejected[0]?.row_text).toContain('"sessionId":3,');
  expect(rejected[1]?.row_text).toContain('"userId":"not a number"');
  for (const { reason } of rejected) expect(reason).not.toBe('');
  expect(await story.star.value<string>('select rows_rejected from ingest_batches')).toBe('2');
  await story.expectNothingLeft();
});

it('a song object that is no JSON is set aside, and the songs beside it are loaded', async () => {
  const story = await Story.begin(stack);
  const fine = {
    song_id: 'SO1',
    artist_id: 'AR1',
    artist_name: 'A',
    title: 'T',
    duration: 1.5,
    year: 2000,
    num_songs: 1,
  };
  await story.putAll([
    textFile('song_data/1.json', JSON.stringify(fine)),
    textFile('song_data/2.json', 'ID3\u0003 this is an mp3'),
  ]);
  await story.consumeAll();

  expect(await story.star.files()).toEqual({ 'song_data/1.json': 'loaded', 'song_data/2.json': 'quarantined' });
  expect(await story.star.rows('select song_id from songs')).toEqual([{ song_id: 'SO1' }]);
  await story.expectNothingLeft();
});

it('compressed logs are loaded beside plain ones; one that is not really compressed is set aside', async () => {
  const story = await Story.begin(stack);
  await story.putAll([
    aLog('log_data/plain.json', 1),
    { key: 'log_data/packed.json.gz', body: gzipSync(logLine({ sessionId: 2, ts: NOON })) },
    textFile('log_data/liar.json.gz', logLine({ sessionId: 3, ts: NOON })),
  ]);
  await story.consumeAll();

  expect(await story.star.files()).toEqual({
    'log_data/plain.json': 'loaded',
    'log_data/packed.json.gz': 'loaded',
    'log_data/liar.json.gz': 'quarantined',
  });
  expect(await sessions(story)).toEqual([1, 2]);
  await story.expectNothingLeft();
});
