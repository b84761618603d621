import { expect, it } from 'vitest';
import { logLine } from '../support/log-lines.ts';
import { useStack } from '../support/stack.ts';
import { generatedFiles } from './support/generated.ts';
import type { InputFile } from './support/sample.ts';
import { Story } from './support/story.ts';

const stack = useStack();
const NOON = Date.UTC(2018, 10, 12, 12);

it('songs that come after their plays repair them, and the tables are as if the songs had come first', async () => {
  const { songs, logs } = generatedFiles({ seed: 5, events: 300, songs: 30, files: 3 });
  const late = await Story.begin(stack);
  await late.putAll(logs);
  await late.consumeAll();
  expect(await knownPlays(late)).toBe(0);
  await late.putAll(songs);
  await late.consumeAll();
  expect(await knownPlays(late)).toBeGreaterThan(20);

  const early = await Story.begin(stack);
  await early.putAll(songs);
  await early.consumeAll();
  await early.putAll(logs);
  await early.consumeAll();
  expect(await late.star.dump()).toBe(await early.star.dump());
  const repaired = await late.star.value<string>('select sum(rows_repaired) from ingest_batches');
  expect(Number(repaired)).toBe(await knownPlays(late));
  await late.expectNothingLeft();
});

it('a song that changes releases its old plays and takes the plays that now match', async () => {
  const story = await Story.begin(stack);
  await story.put({
    key: 'log_data/plays.json',
    body: text(
      logLine({ sessionId: 1, ts: NOON, song: 'Old Title', artist: 'Zoë “Z” O’Hara', length: 200.12345 }),
      logLine({ sessionId: 2, ts: NOON + 1000, song: 'New Title', artist: 'Zoë “Z” O’Hara', length: 200.12345 }),
    ),
  });
  await story.put(song({ title: 'Old Title' }));
  await story.consumeAll();
  expect(await songOfSessions(story)).toEqual({ 1: 'SOTEST12A6D4F9EFC1', 2: null });

  await story.put(song({ title: 'New Title' }));
  await story.consumeAll();
  expect(await songOfSessions(story)).toEqual({ 1: null, 2: 'SOTEST12A6D4F9EFC1' });
  expect(await story.star.rows('select song_id, title from songs')).toEqual([
    { song_id: 'SOTEST12A6D4F9EFC1', title: 'New Title' },
  ]);
  await story.expectNothingLeft();
});

function song(options: { title: string }): InputFile {
  const value = {
    num_songs: 1,
    artist_id: 'ARTEST1187B9990EB0',
    artist_latitude: 37.77916,
    artist_longitude: -122.42005,
    artist_location: 'California - SF',
    artist_name: 'Zoë “Z” O’Hara',
    song_id: 'SOTEST12A6D4F9EFC1',
    title: options.title,
    duration: 200.12345,
    year: 1999,
  };
  return { key: 'song_data/A/B/C/TRABCTEST.json', body: text(JSON.stringify(value)) };
}

function text(...lines: readonly string[]): Uint8Array {
  return new TextEncoder().encode(lines.join(''));
}

async function knownPlays(story: Story): Promise<number> {
  return Number(await story.star.value('select count(song_id) from songplays'));
}

async function songOfSessions(story: Story): Promise<Readonly<Record<string, string | null>>> {
  const rows = await story.star.rows<{ session_id: string; song_id: string | null }>(
    'select session_id, song_id from songplays order by session_id',
  );
  return Object.fromEntries(rows.map((row) => [row.session_id, row.song_id]));
}
