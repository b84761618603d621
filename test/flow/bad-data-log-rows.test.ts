import { beforeAll, describe, expect, test } from 'vitest';
import type { LoadOutcome } from '../../src/core/load.ts';
import { startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, lines } from '../support/log-events.ts';
import type { LogEvent } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import { verified } from '../support/verifying.ts';

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
const NOT_WHOLE = 'is not a whole number';
const NO_BIGINT = 'is outside the range of BIGINT, -9223372036854775808 to 9223372036854775807';

const BAD_ROWS: readonly BadRow[] = [
  bad('text where a number is due', { itemInSession: 'three' }, 'item_in_session', NOT_WHOLE),
  bad(
    'an item beyond INTEGER',
    { itemInSession: 2_147_483_648 },
    'item_in_session',
    'is outside the range of INTEGER, -2147483648 to 2147483647',
  ),
  {
    name: 'a session beyond BIGINT',
    text: withNumber('sessionId', '9223372036854775808'),
    column: 'session_id',
    reason: NO_BIGINT,
  },
  bad('NaN as a text', { length: 'NaN' }, 'song_length', NO_LENGTH),
  { name: '1e400 as a length', text: withNumber('length', '1e400'), column: 'song_length', reason: NO_LENGTH },
  { name: '1e400 as a time', text: withNumber('ts', '1e400'), column: 'ts', reason: NO_YEAR },
  {
    name: 'an object as a length',
    text: withNumber('length', '{"s": [1, 2.50]}'),
    column: 'song_length',
    reason: NO_LENGTH,
  },
  { name: 'an object as a user', text: withNumber('userId', '{ "id": 8.0 }'), column: 'user_id', reason: NOT_WHOLE },
  bad('a negative time', { ts: -1542672042796 }, 'ts', NO_YEAR),
  bad('a time in microseconds', { ts: 1542672042796000 }, 'ts', NO_YEAR),
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
  { name: 'no user', text: JSON.stringify(without('userId')), column: 'user_id', reason: 'is missing' },
  { name: 'no session', text: JSON.stringify(without('sessionId')), column: 'session_id', reason: 'is missing' },
  { name: 'no page', text: JSON.stringify(without('page')), column: 'page', reason: 'is missing' },
  bad('a play of nobody', { userId: '' }, 'user_id', 'is missing'),
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

/** Numbers in other spellings; what stands in the play. */
const SPELLED: readonly {
  readonly values: Readonly<Record<string, string>>;
  readonly play: Record<string, unknown>;
}[] = [
  {
    values: {
      sessionId: '6e0',
      userId: '9223372036854775807',
      itemInSession: '"-7"',
      ts: '1542672042796.0',
      length: '2.4680444e2',
    },
    play: { session: '6', user: '9223372036854775807', item: '-7', length: '246.80444' },
  },
  {
    values: {
      sessionId: '"7.000"',
      userId: '-9223372036854775808',
      itemInSession: '1e2',
      ts: '"1.542672042796E12"',
      length: '"0.000005"',
    },
    play: { session: '7', user: '-9223372036854775808', item: '100', length: '0.00001' },
  },
  {
    values: { sessionId: '8', userId: '9007199254740993', itemInSession: '0', ts: '1542672042796', length: '" "' },
    play: { session: '8', user: '9007199254740993', item: '0', length: null },
  },
];

function spelled(values: Readonly<Record<string, string>>): string {
  const marked = JSON.stringify(aPlay(Object.fromEntries(Object.keys(values).map((key) => [key, `@${key}@`]))));
  return Object.entries(values).reduce((text, [key, token]) => text.replace(`"@${key}@"`, token), marked);
}

/** Events with an invalid value that the loader does not use. */
const NOT_NEEDED: readonly LogEvent[] = [
  aPlay({ page: 'Home', userId: '', ts: 'never', sessionId: null }),
  aPlay({ page: 'Upgrade', userId: '78', userAgent: 'x'.repeat(3000), length: 'long', song: 'x'.repeat(2000) }),
  aPlay({ page: 'NextSong  ', sessionId: 60, registration: 'x'.repeat(70_000) }),
];

const stack = useStack();

describe('a file with every kind of row that does not fit, between rows that do', () => {
  let loading: Loading;
  let outcome: LoadOutcome;
  let rejected: Record<string, unknown>[];

  beforeAll(async () => {
    loading = await startLoading(stack);
    const text = BAD_ROWS.map((row) => `${row.text}\n`).join('') + lines(...KEPT);
    const other = lines(
      aPlay({ sessionId: 50 }),
      aPlay({ page: 'Upgraded', userId: '77' }),
      aPlay({ page: 'Home', userId: '' }),
    );
    const numbers = SPELLED.map(({ values }) => `${spelled(values)}\n`).join('');
    outcome = await loading.load('logs', [
      await loading.put('log_data/odd rows.json', text),
      await loading.put('log_data/other.json', other),
      await loading.put('log_data/numbers.json', numbers),
      await loading.put('log_data/not needed.json', lines(...NOT_NEEDED)),
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

  test('nothing else is rejected, and the counts agree', () => {
    expect(rejected).toHaveLength(BAD_ROWS.length);
    expect(outcome.counts).toMatchObject({ staged: BAD_ROWS.length + 14, rejected: BAD_ROWS.length });
    expect(outcome.files.map(({ status }) => status)).toEqual(['loaded', 'loaded', 'loaded', 'loaded']);
  });

  test('events with numbers for texts and texts for numbers become plays', async () => {
    const plays = await loading.rows(
      `select session_id::int, song_title, artist_name, song_length::text, level from songplays
       where session_id not between 6 and 8 order by 1`,
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
      ...[50, 60].map((session_id) => ({
        session_id,
        song_title: 'Read My Mind',
        artist_name: 'The Killers',
        song_length: '246.80444',
        level: 'paid',
      })),
    ]);
  });

  test('a number is a number in any spelling, to the last digit', async () => {
    const plays = await loading.rows(
      `select session_id::text as session, user_id::text as user, item_in_session::text as item, song_length::text as length
       from songplays where session_id between 6 and 8 and start_time = '2018-11-20 00:00:42.796' order by 1`,
    );
    expect(plays).toEqual(SPELLED.map(({ play }) => play));
  });

  test('the first moment of 2000 and the last of 2099 are times of plays', async () => {
    const starts = await loading.rows('select start_time::text from songplays where session_id in (4, 5) order by 1');
    expect(starts).toEqual([{ start_time: '2000-01-01 00:00:00' }, { start_time: '2099-12-31 23:59:59.999' }]);
  });

  test('an event with an unknown page updates its user and is not a play; without a user it leaves nothing', async () => {
    const users = await loading.rows('select user_id::int from users where user_id between 1 and 100 order by 1');
    expect(users).toEqual([25, 77, 78].map((user_id) => ({ user_id })));
  });

  test('a full reload treats the same rows in the same way', async () => {
    expect(await verified(loading)).toMatchObject({ equal: true });
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

test('equal bad rows in several files and batches are kept once per line', async () => {
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
