import { beforeAll, describe, expect, test } from 'vitest';
import type { LoadOutcome } from '../../src/core/load.ts';
import { startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, lines } from '../support/log-events.ts';
import type { LogEvent } from '../support/log-events.ts';
import { runSparkify } from '../support/sparkify-process.ts';
import { useStack } from '../support/stack.ts';

/** A row of a log that is readable JSON and does not fit the tables. */
type BadRow = { readonly name: string; readonly text: string; readonly column: string; readonly reason: string };

const bad = (name: string, values: LogEvent, column: string, reason: string): BadRow => ({
  name,
  text: JSON.stringify(aPlay(values)),
  column,
  reason,
});
const without = (key: string): LogEvent => Object.fromEntries(Object.entries(aPlay()).filter(([name]) => name !== key));
const withNumber = (key: string, number: string): string => {
  const text = JSON.stringify(aPlay({ [key]: '@' }));
  return text.replace('"@"', number);
};

const NO_TIME = 'is not a whole number of milliseconds since 1970';
const NO_YEAR = 'is outside the years 2000 to 2099, in milliseconds since 1970';
const NO_LENGTH = 'is not a number of seconds below 100000';
const NO_USER = 'is not a whole number of 1 to 18 digits';

const BAD_ROWS: readonly BadRow[] = [
  bad(
    'text where a number is due',
    { itemInSession: 'three' },
    'item_in_session',
    'is not a whole number of 1 to 9 digits',
  ),
  bad('NaN as a text', { length: 'NaN' }, 'song_length', NO_LENGTH),
  { name: '1e400 as a length', text: withNumber('length', '1e400'), column: 'song_length', reason: NO_LENGTH },
  { name: '1e400 as a time', text: withNumber('ts', '1e400'), column: 'ts', reason: NO_TIME },
  {
    name: 'an object as a length',
    text: withNumber('length', '{"s": [1, 2.50]}'),
    column: 'song_length',
    reason: NO_LENGTH,
  },
  { name: 'an object as a user', text: withNumber('userId', '{ "id": 8.0 }'), column: 'user_id', reason: NO_USER },
  bad('a negative time', { ts: -1542672042796 }, 'ts', NO_TIME),
  bad('a time in microseconds', { ts: 1542672042796000 }, 'ts', NO_TIME),
  bad('a time in seconds', { ts: 1542672042 }, 'ts', NO_YEAR),
  bad('the last millisecond of 1999', { ts: Date.UTC(2000, 0) - 1 }, 'ts', NO_YEAR),
  bad('the first millisecond of 2100', { ts: Date.UTC(2100, 0) }, 'ts', NO_YEAR),
  bad('a clock that was never set', { ts: 0 }, 'ts', NO_YEAR),
  bad('a time with a fraction', { ts: 1542672042796.5 }, 'ts', NO_TIME),
  bad('a time as a date', { ts: '2018-11-20T00:00:42Z' }, 'ts', NO_TIME),
  bad('a length that five decimals round up to 100000', { length: '99999.999995' }, 'song_length', NO_LENGTH),
  bad('a negative length', { length: -1 }, 'song_length', NO_LENGTH),
  bad(
    'a location of 300 characters and 600 bytes',
    { location: 'ü'.repeat(300) },
    'location',
    'is longer than 512 bytes',
  ),
  bad('a level of 17 bytes', { level: '0123456789abcdefg' }, 'level', 'is longer than 16 bytes'),
  { name: 'no user', text: JSON.stringify(without('userId')), column: 'user_id', reason: NO_USER },
  { name: 'no session', text: JSON.stringify(without('sessionId')), column: 'session_id', reason: NO_USER },
  { name: 'no page', text: JSON.stringify(without('page')), column: 'page', reason: 'is missing' },
  bad('a play of nobody', { userId: '' }, 'user_id', NO_USER),
  {
    name: 'quotes, backslashes and line ends',
    text: JSON.stringify(aPlay({ ts: 'a "b" \\ \n\t^ c' })),
    column: 'ts',
    reason: NO_TIME,
  },
];

/** Rows that look odd and are kept, by what becomes of them. */
const KEPT: readonly LogEvent[] = [
  aPlay({ sessionId: 1, song: 99, artist: 1.5 }),
  aPlay({ sessionId: '2', itemInSession: '7', ts: '1542672042796', length: '246.80444', userId: 25 }),
  aPlay({ sessionId: 3, location: 'x'.repeat(512), level: null, song: null }),
  aPlay({ sessionId: 4, ts: Date.UTC(2000, 0) }),
  aPlay({ sessionId: 5, ts: Date.UTC(2100, 0) - 1 }),
];

const stack = useStack();

describe('a file with every kind of row that does not fit, between rows that do', () => {
  let loading: Loading;
  let outcome: LoadOutcome;
  let rejected: Record<string, unknown>[];
  let environment: Readonly<Record<string, string>>;

  beforeAll(async () => {
    const place = await stack.place({ notifiedPrefixes: [] });
    environment = place.environment;
    loading = await startLoading(stack, place);
    const text = BAD_ROWS.map((row) => `${row.text}\n`).join('') + lines(...KEPT);
    const other = lines(
      aPlay({ sessionId: 50 }),
      aPlay({ page: 'Upgraded', userId: '77' }),
      aPlay({ page: 'Home', userId: '' }),
    );
    outcome = await loading.load('logs', [
      await loading.put('log_data/odd rows.json', text),
      await loading.put('log_data/other.json', other),
    ]);
    rejected = await loading.rows(
      'select bucket, object_key, line_number::int, row_text, column_name, reason from rejected_rows',
    );
  });

  test.each(BAD_ROWS.map((row, index) => ({ ...row, line: index + 1 })))(
    '$name is kept with object, line, text, column and reason',
    ({ text, column, reason, line }) => {
      expect(rejected.find((row) => row['line_number'] === line)).toEqual({
        bucket: loading.settings.bucket,
        object_key: 'log_data/odd rows.json',
        line_number: line,
        row_text: text,
        column_name: column,
        reason,
      });
    },
  );

  test('nothing else is rejected, and the counts say so', () => {
    expect(rejected).toHaveLength(BAD_ROWS.length);
    expect(outcome.counts).toMatchObject({ staged: BAD_ROWS.length + 8, rejected: BAD_ROWS.length });
    expect(outcome.files.map(({ status }) => status)).toEqual(['loaded', 'loaded']);
  });

  test('numbers where text is due and texts where numbers are due are plays like others', async () => {
    const plays = await loading.rows(
      'select session_id::int, song_title, artist_name, song_length::text, level from songplays order by 1',
    );
    expect(plays).toEqual([
      { session_id: 1, song_title: '99', artist_name: '1.5', song_length: '246.80444', level: 'paid' },
      {
        session_id: 2,
        song_title: 'Read My Mind',
        artist_name: 'The Killers',
        song_length: '246.80444',
        level: 'paid',
      },
      { session_id: 3, song_title: null, artist_name: 'The Killers', song_length: '246.80444', level: null },
      ...[4, 5].map((session_id) => ({
        session_id,
        song_title: 'Read My Mind',
        artist_name: 'The Killers',
        song_length: '246.80444',
        level: 'paid',
      })),
      {
        session_id: 50,
        song_title: 'Read My Mind',
        artist_name: 'The Killers',
        song_length: '246.80444',
        level: 'paid',
      },
    ]);
  });

  test('the first moment of 2000 and the last of 2099 are times of plays', async () => {
    const starts = await loading.rows('select start_time::text from songplays where session_id in (4, 5) order by 1');
    expect(starts).toEqual([{ start_time: '2000-01-01 00:00:00' }, { start_time: '2099-12-31 23:59:59.999' }]);
  });

  test('a page that the model does not know names a user and is no play; one without a user leaves nothing', async () => {
    expect(await loading.rows('select user_id::int from users order by 1')).toEqual([{ user_id: 25 }, { user_id: 77 }]);
  });

  test('a full reload treats the same rows in the same way', async () => {
    const verified = await runSparkify({ args: ['verify'], environment });
    expect(verified, verified.stdout).toMatchObject({ code: 0 });
  });

  test('the same file again rejects the same rows and keeps each of them once', async () => {
    const files = outcome.files.map(({ file }) => ({ ...file, sequencer: `${file.sequencer ?? ''}1` }));
    const again = await loading.load('logs', files);
    expect(again.counts).toMatchObject({ rejected: BAD_ROWS.length, inserted: 0, updated: 0 });
    expect(await loading.rows('select count(*)::int as n from rejected_rows')).toEqual([{ n: BAD_ROWS.length }]);
  });
});

test('a file of a wholly different shape is rejected row by row, each with its line and its text', async () => {
  const loading = await startLoading(stack);
  const readings = [1, 2, 3].map((n) => `{"sensor": "s${n}", "reading": [${n}, 0.50], "page_": null}`);
  const file = await loading.put('log_data/sensors.json', `\n${readings.join('\n\n')}\n`);
  const outcome = await loading.load('logs', [file, await loading.put('log_data/fine.json', lines(aPlay()))]);

  expect(outcome.counts).toMatchObject({ staged: 4, rejected: 3, inserted: expect.any(Number) as number });
  expect(await loading.counts()).toMatchObject({ songplays: 1 });
  expect(
    await loading.rows('select object_key, line_number::int, row_text, column_name from rejected_rows order by 2'),
  ).toEqual(
    readings.map((row_text, index) => ({
      object_key: 'log_data/sensors.json',
      line_number: 2 + 2 * index,
      row_text,
      column_name: 'page',
    })),
  );
});

test('equal bad rows in several files and batches are kept once for each line they stand in', async () => {
  const loading = await startLoading(stack);
  const row = aPlay({ ts: 'never' });
  await loading.load('logs', [
    await loading.put('log_data/1.json', lines(row, aPlay(), row)),
    await loading.put('log_data/2.json', lines(row)),
  ]);
  await loading.load('logs', [await loading.put('log_data/3.json', lines(row))]);
  expect(await loading.rows('select object_key, line_number::int as line from rejected_rows order by 1, 2')).toEqual([
    { object_key: 'log_data/1.json', line: 1 },
    { object_key: 'log_data/1.json', line: 3 },
    { object_key: 'log_data/2.json', line: 1 },
    { object_key: 'log_data/3.json', line: 1 },
  ]);
  expect(await loading.rows('select rows_rejected::int as n from ingest_batches order by published_at')).toEqual([
    { n: 3 },
    { n: 1 },
  ]);
});

test('rejected rows of a file that is too large to be looked into carry the keys that COPY knows, as JSON', async () => {
  const loading = await startLoading(stack);
  const odd = aPlay({ ts: 'a "b" \\ \n c', unknown: 'key', song: 'Für „Elise“' });
  const blanks = ' '.repeat(17 * 1024 * 1024);
  await loading.load('logs', [await loading.put('log_data/a.json', blanks + lines(odd, odd, aPlay()))]);

  const rows = await loading.rows('select object_key, line_number, row_text, column_name from rejected_rows');
  expect(rows).toEqual([
    { object_key: null, line_number: null, row_text: expect.any(String) as unknown, column_name: 'ts' },
  ]);
  expect(JSON.parse(String(rows[0]?.['row_text']))).toMatchObject({
    page: 'NextSong',
    ts: 'a "b" \\   c',
    song: 'Für „Elise“',
    userAgent: '"Mozilla/5.0 (Windows NT 6.3; WOW64)"',
    sessionId: '594',
  });
  expect(await loading.rows('select rows_rejected::int as n from ingest_batches')).toEqual([{ n: 2 }]);
});
