import { beforeAll, describe, expect, test } from 'vitest';
import type { Difference } from '../../src/verify/differences.ts';
import type { VerifyReport } from '../../src/verify/run-verify.ts';
import { startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import { verified } from '../support/verifying.ts';

const stack = useStack();
const TS = Date.UTC(2018, 10, 15);
const TABLES = ['songplays', 'users', 'songs', 'artists', 'time', 'song_sources', 'play_keys', 'ingest_files'];

let loading: Loading;

beforeAll(async () => {
  loading = await startLoading(stack);
  const songs = [
    await loading.put('song_data/TR1.json', JSON.stringify(aSong())),
    await loading.put('song_data/TR2.json', JSON.stringify(aSong({ song_id: 'SOOTHER', title: 'Another' }))),
    // The file names no song; what it named before is over.
    await loading.put('song_data/TR3.json', ''.padEnd(3)),
  ];
  await loading.load('songs', songs);
  for (const day of [1, 2, 3]) {
    const plays = [1, 2, 3].map((user) =>
      aPlay({ userId: String(user), sessionId: user, ts: TS + day * 86_400_000 + user }),
    );
    await loading.load('logs', [await loading.put(`log_data/${day}.json`, lines(...plays))]);
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
const FIRST_PLAY = 'songplay_id = (select min(songplay_id) from whole_songplays)';
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
    missing('play_keys', 'true'),
    missing('ingest_files', `object_key = 'log_data/2.json'`, 'log_data/2.json'),
  ],
  'rows that are there twice': [
    twice('songplays', FIRST_PLAY),
    twice('users', 'user_id = 2'),
    twice('songs', FIRST_SONG),
    twice('artists', 'true'),
    twice('time', FIRST_TIME),
    twice('song_sources', FIRST_SONG),
    twice('play_keys', 'true'),
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
    wrong('play_keys', 'true', { first_day: `'2018-11-17'` }),
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
    wrong('song_sources', 'song_id is null', { song_id: `'SOWRONG'`, artist_id: `'ARWRONG'` }),
    wrong('play_keys', 'true', { last_day: `'2018-11-17'` }),
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

test('whole, it is equal; days of a title that begin earlier and end later are right, and so are titles that nobody heard', async () => {
  const report = await damaged([
    `update play_keys set first_day = '2018-01-01', last_day = '2018-12-31'`,
    `insert into play_keys values ('0123456789ab', '2018-01-01', '2018-01-02')`,
  ]);
  expect(report).toMatchObject({ equal: true, setAside: [], unread: [] });
  expect(report.tables.map(({ table }) => table)).toEqual(TABLES);
});
