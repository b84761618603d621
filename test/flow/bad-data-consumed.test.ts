import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import type { InputFile } from './support/sample.ts';
import { Story } from './support/story.ts';

const stack = useStack();
const file = (key: string, body: string | Uint8Array): InputFile => ({
  key,
  body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
});

it('a bucket of good and bad files and rows is consumed without intervention, and equals a full reload', async () => {
  const story = await Story.begin(stack);
  await story.putAll([
    file('song_data/good.json', JSON.stringify(aSong())),
    file('song_data/broken.json', '{"song_id": '),
    file('song_data/no artist.json', JSON.stringify(aSong({ song_id: 'SO2', artist_id: '' }))),
    file('log_data/good.json', lines(aPlay())),
    file('log_data/broken.json', `${lines(aPlay({ sessionId: 2 }))}{"page": oops}\n`),
    file('log_data/bad rows.json', lines(aPlay({ sessionId: 3 }), aPlay({ sessionId: 4, ts: -5 }))),
    file('log_data/good.json.gz', gzipSync(lines(aPlay({ sessionId: 5 })))),
    file('log_data/no archive.json.gz', 'PK'),
    file('log_data/empty.json', ''),
    file('log_data/other shape.json', '{"a": 1}\n{"a": 2}\n'),
  ]);
  const end = await story.consumeAll();

  expect(await story.star.files()).toEqual({
    'song_data/good.json': 'loaded',
    'song_data/broken.json': 'quarantined',
    'song_data/no artist.json': 'loaded',
    'log_data/good.json': 'loaded',
    'log_data/broken.json': 'loaded',
    'log_data/bad rows.json': 'loaded',
    'log_data/good.json.gz': 'loaded',
    'log_data/no archive.json.gz': 'quarantined',
    'log_data/empty.json': 'loaded',
    'log_data/other shape.json': 'loaded',
  });
  expect(await story.star.counts()).toMatchObject({ songplays: 4, songs: 1, artists: 1 });
  expect(
    await story.star.rows('select object_key, line_number::int as line, column_name from rejected_rows order by 1, 2'),
  ).toEqual([
    { object_key: 'log_data/bad rows.json', line: 2, column_name: 'ts' },
    { object_key: 'log_data/broken.json', line: 2, column_name: 'json' },
    { object_key: 'log_data/other shape.json', line: 1, column_name: 'page' },
    { object_key: 'log_data/other shape.json', line: 2, column_name: 'page' },
    { object_key: 'song_data/no artist.json', line: 1, column_name: 'artist_id' },
  ]);
  for (const name of ['song_data/broken', 'no archive']) expect(end.stderr).toContain(name);
  await story.expectNothingLeft();
  const verified = await story.run(['verify']);
  expect(verified, verified.stdout).toMatchObject({ code: 0 });
});

it('forty thousand bad rows fit a heap of 96 MB, and the setting bounds the rows kept', async () => {
  const story = await Story.begin(stack);
  const [before, after] = JSON.stringify(aPlay({ sessionId: '@', ts: 'never' })).split('"@"');
  const rows = Array.from({ length: 40_000 }, (_, number) => `${before ?? ''}${number}${after ?? ''}\n`);
  await story.putAll([file('log_data/many.json', rows.join('')), file('log_data/good.json', lines(aPlay()))]);
  await story.consumeAll({ SPARKIFY_REJECTED_ROWS_MAX: '200', NODE_OPTIONS: '--max-old-space-size=96' });

  expect(await story.star.rows('select object_key, count(*)::int as n from rejected_rows group by 1')).toEqual([
    { object_key: 'log_data/many.json', n: 200 },
  ]);
  expect(await story.star.value<string>('select sum(rows_rejected) from ingest_batches')).toBe('40000');
  expect((await story.star.counts()).songplays).toBe(1);
  await story.expectNothingLeft();
});

it('a bad file that is repaired and put again is loaded, and its earlier rejections stay on record', async () => {
  const story = await Story.begin(stack);
  await story.put(file('log_data/day.json', lines(aPlay({ ts: 'never' }), aPlay({ sessionId: 2 }))));
  await story.consumeAll();
  await story.put(file('log_data/day.json', lines(aPlay(), aPlay({ sessionId: 2 }))));
  await story.consumeAll();

  expect((await story.star.counts()).songplays).toBe(2);
  expect(await story.star.rows('select object_key, line_number::int as line from rejected_rows')).toEqual([
    { object_key: 'log_data/day.json', line: 1 },
  ]);
  const verified = await story.run(['verify']);
  expect(verified, verified.stdout).toMatchObject({ code: 0 });
});
