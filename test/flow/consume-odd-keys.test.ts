import { expect, it } from 'vitest';
import { logLine } from '../support/log-lines.ts';
import { useStack } from '../support/stack.ts';
import { Story } from './support/story.ts';

const stack = useStack();

const ODD_NAMES = [
  'with space.json',
  'with+plus.json',
  'with%2Bpercent.json',
  '100%.json',
  `it's "quoted".json`,
  `'); drop table songplays; --.json`,
  'back\\slash.json',
  'hash#mark?question=1&b=2.json',
  'ünïcödé-日本語-🎵.json',
  'cafe\u0301.json',
  'tab\there.json',
  'a=b;c,d@e:f!$&()[]{}~^`|<>.json',
  '{{batch_id}}.json',
  `${'long/'.repeat(180)}name.json`,
];

it('files whose keys hold spaces, +, %, quotes and unicode are loaded under exactly their keys', async () => {
  const story = await Story.begin(stack);
  const logs = ODD_NAMES.map((name, index) => ({
    key: `log_data/${name}`,
    body: new TextEncoder().encode(logLine({ sessionId: index, ts: Date.UTC(2018, 10, 12) + index })),
  }));
  await story.putAll(logs);
  await story.consumeAll();

  const expected = Object.fromEntries(logs.map(({ key }) => [key, 'loaded']));
  expect(await story.star.files()).toEqual(expected);
  expect((await story.star.counts()).songplays).toBe(ODD_NAMES.length);
  await story.expectNothingLeft();
});

it('song objects with such keys are read under exactly their keys, and their values keep their characters', async () => {
  const story = await Story.begin(stack);
  const songs = ODD_NAMES.map((name, index) => ({
    key: `song_data/${name}`,
    body: new TextEncoder().encode(
      JSON.stringify({
        num_songs: 1,
        artist_id: `AR${index}`,
        artist_latitude: null,
        artist_longitude: null,
        artist_location: '',
        artist_name: name,
        song_id: `SO${index}`,
        title: name,
        duration: 100.5 + index,
        year: 0,
      }),
    ),
  }));
  await story.putAll(songs);
  await story.consumeAll();

  const expected = Object.fromEntries(songs.map(({ key }) => [key, 'loaded']));
  expect(await story.star.files()).toEqual(expected);
  const titles = await story.star.rows<{ title: string }>('select title from songs');
  expect(titles.map(({ title }) => title).sort()).toEqual([...ODD_NAMES].sort());
  await story.expectNothingLeft();
});
