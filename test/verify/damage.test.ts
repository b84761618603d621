import { beforeAll, describe, expect, test } from 'vitest';
import type { Difference } from '../../src/verify/differences.ts';
import type { VerifyReport } from '../../src/verify/report.ts';
import { startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import type { LogEvent } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import { verified } from '../support/verifying.ts';

const stack = useStack();
const TS = Date.UTC(2018, 10, 15);
const TABLES = [
  ...['songplays', 'users', 'songs', 'artists', 'time', 'play_rivals', 'user_sources', 'song_sources', 'play_keys'],
  ...['ingest_objects', 'ingest_files'],
];

let loading: Loading;

beforeAll(async () => {
  loading = await startLoading(stack);
  const songs = [
    await loading.put('song_data/TR1.json', JSON.stringify(aSong())),
    await loading.put('song_data/TR2.json', JSON.stringify(aSong({ song_id: 'SOOTHER', title: 'Another' }))),
    // The file names no song.
    await loading.put('song_data/TR3.json', ''.padEnd(3)),
  ];
  await loading.load('songs', songs);
  const play = (day: number, user: number, more: LogEvent = {}) =>
    aPlay({ userId: String(user), sessionId: user, ts: TS + day * 86_400_000 + user, ...more });
  const logs = {
    '1': [play(1, 1, { song: 'Only A Rival' }), play(1, 2), play(1, 3)],
    '2': [play(2, 1), play(2, 2), play(2, 3)],
    '3': [play(3, 1), play(3, 2), play(3, 3)],
    // Of the first day: one play with other values, and one with the same, whose row stays that of the older file. So does the
    // row of user 3.
    copy: [play(1, 2), play(1, 1), play(3, 3)],
  };
  for (const [name, plays] of Object.entries(logs)) {
    await loading.load('logs', [await loading.put(`log_data/${name}.json`, lines(...plays))]);
  }
  await loading.rows(TABLES.map((table) => `create table whole_${table} as select * from ${table}`).join(';'));
});

/** The comparison of the scene with something broken in it, which is whole again afterwards. */
async function damaged(statements: readonly string[]): Promise<VerifyReport> {
  try {
    await loading.rows(statements.join(';'));
    return await verified(loading);
  } finally {
    await loading.rows(
      TABLES.map((table) => `delete from ${table}; insert into ${table} select * from whole_${table}`).join(';'),
    );
  }
}

type Damage = {
  readonly what: string;
  readonly sql: string;
  readonly table: string;
  /** What the report counts and names of this table. */
  readonly shown: { readonly doubleKeys?: number; readonly differences?: readonly Partial<Difference>[] };
};

const missing = (table: string, where: string, key: string | RegExp = /./): Damage => ({
  what: `a row of ${table} is missing`,
  sql: `delete from ${table} where ${where}`,
  table,
  shown: { differences: [{ column: '(row)', star: 'missing', key: expect.stringMatching(key) as string }] },
});
const twice = (table: string, where: string): Damage => ({
  what: `a row of ${table} is there twice`,
  sql: `insert into ${table} select * from whole_${table} where ${where}`,
  table,
  shown: { doubleKeys: 1, differences: [] },
});
const wrong = (table: string, where: string, values: Readonly<Record<string, string>>): Damage => ({
  what: `${table} has another ${Object.keys(values).join(', ')}`,
  sql: `update ${table} set ${Object.entries(values)
    .map(([column, value]) => `${column} = ${value}`)
    .join(', ')} where ${where}`,
  table,
  shown: { differences: Object.keys(values).map((column) => ({ column })) },
});

const FIRST_SONG = `song_id = 'SOREADMYMIND'`;
/** No other file has it. */
const FIRST_PLAY = `user_id = 3 and start_time < '2018-11-17'`;
const HEARD_KEY = `key_prefix in (select left(match_key, 12) from whole_songplays)`;
const objectOf = (key: string) => `(select max(object_id) from whole_ingest_objects where object_key = '${key}')`;
const FIRST_TIME = 'start_time = (select min(start_time) from whole_time)';
const LATER = `'2018-12-24 00:00:00'`;

/** Damages of one round concern a table each, so that one comparison shows all of them. */
const ROUNDS: Readonly<Record<string, readonly Damage[]>> = {
  'missing rows': [
    missing('songplays', FIRST_PLAY),
    missing('users', 'user_id = 2', '2'),
    missing('songs', FIRST_SONG, 'SOREADMYMIND'),
    missing('artists', 'true'),
    missing('time', FIRST_TIME),
    missing('song_sources', FIRST_SONG, 'song_data/TR1.json 1'),
    missing('play_keys', HEARD_KEY),
    missing('play_rivals', 'user_id = 2'),
    missing('user_sources', `user_id = 2 and event_at < '2018-11-17' and object_id = ${objectOf('log_data/1.json')}`),
    missing('ingest_objects', `object_key = 'log_data/3.json'`, 'log_data/3.json'),
    missing('ingest_files', `object_key = 'log_data/2.json'`, 'log_data/2.json'),
  ],
  'rows that are there twice': [
    twice('songplays', FIRST_PLAY),
    twice('users', 'user_id = 2'),
    twice('songs', FIRST_SONG),
    twice('artists', 'true'),
    twice('time', FIRST_TIME),
    twice('song_sources', FIRST_SONG),
    twice('play_rivals', 'user_id = 2'),
    twice('user_sources', `user_id = 3 and event_at < '2018-11-17'`),
    twice('ingest_objects', `object_key = 'log_data/3.json'`),
    twice('play_keys', HEARD_KEY),
    {
      ...twice('ingest_files', `object_key = 'log_data/2.json'`),
      shown: { differences: [{ key: 'log_data/2.json', column: 'double_entries', star: '1', reload: '0' }] },
    },
  ],
  'a file that is called unreadable, and wrong keys': [
    wrong('ingest_files', `object_key = 'log_data/2.json'`, { status: `'quarantined'` }),
    {
      what: 'the plays of the file are missing',
      sql: `delete from songplays where start_time between '2018-11-17' and '2018-11-18'`,
      table: 'songplays',
      shown: { differences: [1, 2, 3].map(() => ({ column: '(row)', star: 'missing' })) },
    },
    wrong('users', 'user_id = 1', { last_session_id: '7', last_item_in_session: '8' }),
    wrong('songs', FIRST_SONG, { match_key: `md5('x')`, last_modified: LATER, source_id: `md5('y')`, source_row: '9' }),
    wrong('artists', 'true', { latitude: '1.5', longitude: '2.5' }),
    wrong('time', FIRST_TIME, { week: '53', weekday: '6' }),
    wrong('song_sources', FIRST_SONG, { etag: `'x'`, last_modified: LATER, title: `'x'`, match_key: `md5('x')` }),
    wrong('play_keys', HEARD_KEY, { first_day: `'2018-11-17'` }),
  ],
  'a wrong file, a stale event, a wrong sum, and a title of a rival that nobody may find': [
    wrong('songplays', FIRST_PLAY, { object_id: objectOf('log_data/2.json') }),
    wrong('users', 'user_id = 2', { line_number: '1' }),
    wrong('songs', FIRST_SONG, { line_number: '7' }),
    wrong('artists', 'true', { source_id: `md5('x')`, line_number: '7' }),
    wrong('play_rivals', 'user_id = 1', { line_number: '3', level: `'x'` }),
    wrong('user_sources', `user_id = 3 and object_id = ${objectOf('log_data/3.json')}`, {
      event_at: `'2018-11-17 00:00:00'`,
    }),
    wrong('song_sources', FIRST_SONG, { line_number: '7' }),
    missing('play_keys', `not ${HEARD_KEY}`),
    wrong('ingest_objects', `object_key = 'log_data/2.json'`, { rows_kept: '7', rows_sum: 'rows_sum + 1' }),
  ],
  'a wrong line, a row of a file that has no such row, and a live version that is not that of the bucket': [
    wrong('songplays', FIRST_PLAY, { line_number: '1' }),
    wrong('users', 'user_id = 3', { object_id: objectOf('log_data/2.json') }),
    {
      what: 'a rival is there that its file does not have',
      sql: `update play_rivals set object_id = ${objectOf('log_data/2.json')} where user_id = 1`,
      table: 'play_rivals',
      shown: { differences: [{ column: '(row)' }, { column: '(row)' }] },
    },
    wrong('ingest_objects', `object_key = 'log_data/2.json'`, { etag: `'x'`, last_modified: LATER }),
  ],
  'a version that is called removed, and a play of which the older file won': [
    wrong('ingest_objects', `object_key = 'log_data/2.json'`, { status: `'removed'` }),
    {
      what: 'the row of a rival stands in songplays',
      sql: `update songplays
        set song_title = r.song_title, match_key = r.match_key, song_id = null, artist_id = null, object_id = r.object_id,
          line_number = r.line_number
        from whole_play_rivals r
        where songplays.songplay_id = r.songplay_id and r.user_id = 1`,
      table: 'songplays',
      shown: {
        differences: ['song_id', 'artist_id', 'song_title', 'match_key', 'object_id', 'line_number'].map((column) => ({
          column,
        })),
      },
    },
  ],
  'a file that is called gone, and days that end too early': [
    wrong('ingest_files', `object_key = 'song_data/TR2.json'`, { status: `'missing'` }),
    wrong('songplays', FIRST_PLAY, { song_id: 'null', match_key: `md5('x')` }),
    {
      what: 'an artist is there whom no song names',
      sql: `insert into artists (artist_id, name) values ('ARNOBODY', 'Nobody')`,
      table: 'artists',
      shown: { differences: [{ key: 'ARNOBODY', column: '(row)', star: 'there', reload: 'missing' }] },
    },
    wrong('song_sources', `song_id = 'SOOTHER'`, { song_id: `'SOWRONG'`, artist_id: `'ARWRONG'` }),
    wrong('ingest_objects', `object_key = 'song_data/TR3.json'`, { rows_kept: '1' }),
    wrong('play_keys', HEARD_KEY, { last_day: `'2018-11-17'` }),
  ],
};

describe.each(Object.entries(ROUNDS))('%s', (_, damages) => {
  let report: VerifyReport;

  beforeAll(async () => {
    report = await damaged(damages.map(({ sql }) => sql));
  });

  test.each(damages)('$what', ({ shown, table }) => {
    expect(report.equal).toBe(false);
    expect(report.tables.find((compared) => compared.table === table)).toMatchObject({ doubleKeys: 0, ...shown });
  });
});

test('undamaged tables are equal, also with wider days of a title and with titles without plays', async () => {
  const report = await damaged([
    `update play_keys set first_day = '2018-01-01', last_day = '2018-12-31'`,
    `insert into play_keys values ('0123456789ab', '2018-01-01', '2018-01-02')`,
  ]);
  expect(report).toMatchObject({ equal: true, quarantined: [], unread: [] });
  expect(report.tables.map(({ table }) => table)).toEqual(TABLES);
});
