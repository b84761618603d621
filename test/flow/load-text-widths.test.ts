import { expect, test } from 'vitest';
import { startLoading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack();

/** Key in the file, column in the star, bytes. */
const LOG_TEXTS = [
  ['level', 'level', 16],
  ['gender', 'gender', 16],
  ['firstName', 'first_name', 256],
  ['lastName', 'last_name', 256],
  ['location', 'location', 512],
  ['userAgent', 'user_agent', 2048],
  ['song', 'song_title', 1024],
  ['artist', 'artist_name', 1024],
] as const;
const SONG_TEXTS = [
  ['song_id', 'song_id', 64],
  ['artist_id', 'artist_id', 64],
  ['title', 'title', 1024],
  ['artist_name', 'artist_name', 1024],
  ['artist_location', 'artist_location', 1024],
] as const;

/** So many bytes, in half as many characters. */
const wide = (bytes: number) => 'ü'.repeat(Math.floor(bytes / 2)) + 'x'.repeat(bytes % 2);

test('a text of a log fits its column to the byte, and one byte more is rejected although it is few characters', async () => {
  const loading = await startLoading(stack);
  const fitting = LOG_TEXTS.map(([key, , bytes], n) => aPlay({ sessionId: n, userId: String(n), [key]: wide(bytes) }));
  const beyond = LOG_TEXTS.map(([key, , bytes], n) => aPlay({ sessionId: 100 + n, [key]: wide(bytes + 1) }));
  await loading.load('logs', [await loading.put('log_data/1.json', lines(...fitting, ...beyond))]);

  expect((await loading.counts())['songplays']).toBe(LOG_TEXTS.length);
  const rejected = await loading.rows('select column_name, reason from rejected_rows order by line_number');
  expect(rejected).toEqual(
    LOG_TEXTS.map(([, column_name, bytes]) => ({ column_name, reason: `is longer than ${bytes} bytes` })),
  );
});

test('a text of a song fits its column to the byte, and one byte more is rejected although it is few characters', async () => {
  const loading = await startLoading(stack);
  const songs = (more: number) =>
    SONG_TEXTS.map(([key, , bytes], n) =>
      aSong({ song_id: `SO${more}${n}`, artist_id: `AR${more}${n}`, [key]: wide(bytes + more) }),
    );
  await loading.load('songs', [await loading.put('song_data/1.json', lines(...songs(0), ...songs(1)))]);

  expect(await loading.counts()).toMatchObject({ songs: SONG_TEXTS.length, artists: SONG_TEXTS.length });
  const rejected = await loading.rows('select column_name, reason from rejected_rows order by line_number');
  expect(rejected).toEqual(
    SONG_TEXTS.map(([, column_name, bytes]) => ({ column_name, reason: `is longer than ${bytes} bytes` })),
  );
});
