import { beforeAll, describe, expect, test } from 'vitest';
import { startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aSong } from '../support/log-events.ts';
import type { LogEvent } from '../support/log-events.ts';
import { runSparkify } from '../support/sparkify-process.ts';
import { useStack } from '../support/stack.ts';
import { stagingCopies } from './support/staging-copies.ts';

const SONG = JSON.stringify(aSong({ song_id: 'SOBAD' }));
const without = (key: string): LogEvent => Object.fromEntries(Object.entries(aSong()).filter(([name]) => name !== key));
const withText = (key: string, text: string) => JSON.stringify(aSong({ [key]: '@' })).replace('"@"', text);

/** A song file that is no JSON, and what the ledger says of it. */
const BAD_FILES: readonly { name: string; body: string | Uint8Array; code: string; line: number; reason: RegExp }[] = [
  {
    name: 'broken JSON in the middle',
    body: `${SONG}\n{"song_id": oops}\n${SONG}`,
    code: 'json_invalid',
    line: 2,
    reason: /is no valid JSON \(line 2, column \d+\)/,
  },
  {
    name: 'a file that is cut off',
    body: SONG.slice(0, 80),
    code: 'json_invalid',
    line: 1,
    reason: /begins here and does not end/,
  },
  {
    name: 'an array instead of objects',
    body: `[${SONG}]`,
    code: 'json_invalid',
    line: 1,
    reason: /"\[" stands where a JSON object should begin/,
  },
  {
    name: 'a comma between the objects',
    body: `${SONG}\n,${SONG}`,
    code: 'json_invalid',
    line: 2,
    reason: /"," stands where/,
  },
  { name: 'NaN', body: withText('duration', 'NaN'), code: 'json_invalid', line: 1, reason: /is no valid JSON/ },
  {
    name: 'UTF-16',
    body: Buffer.from(`\uFEFF${SONG}`, 'utf16le'),
    code: 'utf8_invalid',
    line: 1,
    reason: /is no valid UTF-8 \(line 1, column 1\)/,
  },
  { name: 'UTF-16 without a mark', body: Buffer.from(SONG, 'utf16le'), code: 'json_invalid', line: 1, reason: /JSON/ },
  {
    name: 'invalid UTF-8',
    body: Buffer.from(`${SONG}\n${withText('title', '"K\u00efller"')}`, 'latin1'),
    code: 'utf8_invalid',
    line: 2,
    reason: /is no valid UTF-8/,
  },
  {
    name: 'a NUL byte',
    body: SONG.replace('Read', 'Re\0d'),
    code: 'json_invalid',
    line: 1,
    reason: /is no valid JSON/,
  },
  {
    name: 'an escaped NUL',
    body: `\n${withText('title', String.raw`"Re\u0000d"`)}`,
    code: 'text_invalid',
    line: 2,
    reason: /"title" holds a NUL character/,
  },
  {
    name: 'half of a surrogate pair',
    body: withText('artist_name', String.raw`"\ud83d"`),
    code: 'text_invalid',
    line: 1,
    reason: /"artist_name" holds/,
  },
  {
    name: 'arrays in arrays, 100,000 deep',
    body: `${SONG}\n${withText('title', '['.repeat(100_000) + ']'.repeat(100_000))}`,
    code: 'json_invalid',
    line: 2,
    reason: /is nested too deeply/,
  },
  {
    name: 'a million objects',
    body: '{}'.repeat(1_000_000),
    code: 'too_large',
    line: 1,
    reason: /holds more than 100000 objects/,
  },
  {
    name: 'a file of 17 MB',
    body: SONG + ' '.repeat(17 * 1024 * 1024),
    code: 'too_large',
    line: 1,
    reason: /is \d+ bytes long; a song file has at most 16777216/,
  },
];

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
    reason: 'is not a year of 1 to 4 digits',
  },
  {
    name: 'an object as a latitude',
    text: withText('artist_latitude', '{"deg": 36}'),
    column: 'artist_latitude',
    reason: 'is not a number of degrees',
  },
];

/** Files that look odd and are loaded, with the songs in them. */
const GOOD: Readonly<Record<string, { body: string; songs: readonly string[] }>> = {
  'song_data/good.json': { body: JSON.stringify(aSong({ song_id: 'SO1' })), songs: ['SO1'] },
  'song_data/byte-order mark.json': { body: `\uFEFF${JSON.stringify(aSong({ song_id: 'SO2' }))}`, songs: ['SO2'] },
  'song_data/empty.json': { body: '', songs: [] },
  'song_data/blank lines.json': { body: '\n \r\n\t', songs: [] },
  'song_data/number as title.json': { body: JSON.stringify(aSong({ song_id: 'SO3', title: 99 })), songs: ['SO3'] },
  'song_data/object as title.json': {
    body: withText('title', '{"de": "Lied", "n": 1.50}').replace('SOREADMYMIND', 'SO4'),
    songs: ['SO4'],
  },
  'song_data/line of more than 4 MB.json': {
    body: JSON.stringify(aSong({ song_id: 'SO5', pad: 'x'.repeat(4 * 1024 * 1024) })),
    songs: ['SO5'],
  },
};

const stack = useStack();

describe('a batch with every kind of bad song', () => {
  let loading: Loading;
  let environment: Readonly<Record<string, string>>;
  let ledger: Record<string, unknown>[];
  let rejected: Record<string, unknown>[];
  let batchId: string;
  const badKey = (name: string) => `song_data/bad/${name}.json`;

  beforeAll(async () => {
    const place = await stack.place({ notifiedPrefixes: [] });
    environment = place.environment;
    loading = await startLoading(stack, place);
    const good = await Promise.all(Object.entries(GOOD).map(([key, { body }]) => loading.put(key, body)));
    const bad = await Promise.all(BAD_FILES.map(({ name, body }) => loading.put(badKey(name), body)));
    // Two lines each, so that the place in the file and the line differ.
    const rows = BAD_ROWS.map(({ text }) => `\n${text}\n`).join('');
    const mixed = await loading.put('song_data/mixed.json', `${rows}${JSON.stringify(aSong({ song_id: 'SO6' }))}`);
    ({ batchId } = await loading.load('songs', [...good, ...bad, mixed]));
    ledger = await loading.rows(
      'select object_key, status, error_code, reason, line_number::int as line from ingest_files',
    );
    rejected = await loading.rows(
      'select object_key, line_number::int as line, row_text, column_name, reason from rejected_rows',
    );
  });

  test.each(BAD_FILES)('$name: set aside with code, reason and line', ({ name, code, line, reason }) => {
    expect(ledger.find((file) => file['object_key'] === badKey(name))).toEqual({
      object_key: badKey(name),
      status: 'quarantined',
      error_code: code,
      reason: expect.stringMatching(reason) as unknown,
      line,
    });
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
    const songs = await loading.rows('select song_id, title from songs order by 1');
    expect(songs.map((song) => song['song_id'])).toEqual([...Object.values(GOOD).flatMap((file) => file.songs), 'SO6']);
    expect(songs.slice(2, 4).map((song) => song['title'])).toEqual(['99', '{"de":"Lied","n":1.50}']);
    expect(rejected).toHaveLength(BAD_ROWS.length);
    const loaded = ledger.filter(({ status }) => status === 'loaded').map((file) => file['object_key']);
    expect(loaded.toSorted()).toEqual([...Object.keys(GOOD), 'song_data/mixed.json'].toSorted());
  });

  test('it took one COPY, because the loader reads song files itself', async () => {
    expect(await stagingCopies(loading, batchId)).toEqual(['load completed']);
  });

  test('a full reload treats all of them in the same way', async () => {
    const verified = await runSparkify({ args: ['verify'], environment });
    expect(verified, verified.stdout).toMatchObject({ code: 0 });
  });
});
