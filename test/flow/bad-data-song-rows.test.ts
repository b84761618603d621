import { beforeAll, describe, expect, test } from 'vitest';
import { startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aSong } from '../support/log-events.ts';
import type { LogEvent } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import { verified } from '../support/verifying.ts';

const without = (key: string): LogEvent => Object.fromEntries(Object.entries(aSong()).filter(([name]) => name !== key));
const withText = (key: string, text: string) => JSON.stringify(aSong({ [key]: '@' })).replace('"@"', text);

/** A song that does not fit, and why. */
const BAD_ROWS: readonly { name: string; text: string; column: string; reason: string }[] = [
  { name: 'no song id', text: JSON.stringify(without('song_id')), column: 'song_id', reason: 'is missing' },
  {
    name: 'a song without an artist',
    text: JSON.stringify(without('artist_id')),
    column: 'artist_id',
    reason: 'is missing',
  },
  { name: 'an artist that is null', text: withText('artist_id', 'null'), column: 'artist_id', reason: 'is missing' },
  {
    name: 'a wholly different shape',
    text: '{"sensor": "s1", "reading": [1, 2.50]}',
    column: 'song_id',
    reason: 'is missing',
  },
  {
    name: 'a title of 600 characters and 1200 bytes',
    text: withText('title', `"${'ü'.repeat(600)}"`),
    column: 'title',
    reason: 'is longer than 1024 bytes',
  },
  {
    name: 'a title of 100,000 bytes',
    text: withText('title', `"${'x'.repeat(100_000)}"`),
    column: 'title',
    reason: 'is longer than 1024 bytes',
  },
  {
    name: 'a text as a duration',
    text: withText('duration', '"long"'),
    column: 'duration',
    reason: 'is not a number of seconds below 100000',
  },
  {
    name: 'a duration of 1e400',
    text: withText('duration', '1e400'),
    column: 'duration',
    reason: 'is not a number of seconds below 100000',
  },
  {
    name: 'a duration that five decimals round up to 100000',
    text: withText('duration', '99999.9999999'),
    column: 'duration',
    reason: 'is not a number of seconds below 100000',
  },
  {
    name: 'a negative duration',
    text: withText('duration', '-1.5'),
    column: 'duration',
    reason: 'is not a number of seconds below 100000',
  },
  {
    name: 'a year of five digits',
    text: withText('year', '20066'),
    column: 'year',
    reason: 'is not a year from 0 to 9999',
  },
  {
    name: 'an object as a latitude',
    text: withText('artist_latitude', '{"deg": 36}'),
    column: 'artist_latitude',
    reason: 'is not a number of degrees',
  },
];

/** Songs that look odd and are loaded; what stands in the tables. */
const GOOD: readonly { readonly text: string; readonly song: Record<string, unknown> }[] = [
  { text: withText('title', '99'), song: { title: '99' } },
  { text: withText('title', '{"de": "Lied", "n": 1.50}'), song: { title: '{"de": "Lied", "n": 1.50}' } },
  { text: JSON.stringify({ ...aSong(), artist_id: 'ARBLANKS  ' }), song: { artist: 'ARBLANKS' } },
  { text: withText('year', '"2.006e3"'), song: { year: 2006 } },
  { text: withText('duration', '246.804435'), song: { duration: '246.80444' } },
  { text: withText('artist_latitude', '"-1.5e-3"'), song: { latitude: -0.0015 } },
];

const stack = useStack();

describe('a file with every kind of song that does not fit, between songs that do', () => {
  let loading: Loading;
  let rejected: Record<string, unknown>[];

  beforeAll(async () => {
    loading = await startLoading(stack);
    // Two lines each, so that the place in the file and the line differ.
    const bad = BAD_ROWS.map(({ text }) => `\n${text}\n`).join('');
    const good = GOOD.map(({ text }, index) => text.replace('SOREADMYMIND', `SO${index} `)).join('\n');
    await loading.load('songs', [await loading.put('song_data/mixed.json', `${bad}${good}`)]);
    rejected = await loading.rows(
      'select object_key, line_number::int as line, row_text, column_name, reason from rejected_rows',
    );
  });

  test.each(BAD_ROWS.map((row, index) => ({ ...row, line: 2 * index + 2 })))(
    '$name: rejected with object, line, text, column and reason',
    ({ text, column, reason, line }) => {
      expect(rejected.find((row) => row['line'] === line)).toEqual({
        object_key: 'song_data/mixed.json',
        line,
        row_text: text.slice(0, 65_535),
        column_name: column,
        reason,
      });
    },
  );

  test('all other songs are in the star', async () => {
    const songs = await loading.rows(
      `select s.song_id, s.title, s.artist_id as artist, s.year, s.duration::text, a.latitude
       from songs s join artists a on a.artist_id = s.artist_id order by 1`,
    );
    expect(songs).toMatchObject(GOOD.map(({ song }, index) => ({ song_id: `SO${index}`, ...song })));
    expect(rejected).toHaveLength(BAD_ROWS.length);
  });

  test('a full reload treats all of them in the same way', async () => {
    expect(await verified(loading)).toMatchObject({ equal: true });
  });
});
