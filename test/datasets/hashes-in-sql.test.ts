import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLogJudge } from '../../src/datasets/logs/judge-event.ts';
import type { LogRow } from '../../src/datasets/logs/judge-event.ts';
import { judgeSong } from '../../src/datasets/songs/judge-song.ts';
import { useDialect } from '../../packages/redshift-local/test/dialect/postgres.ts';
import { objectOf } from './json-objects.ts';

const session = useDialect();
const judge = createLogJudge();

// The expressions by which SQL once made what the tables hold.
const SONGPLAY_ID = `md5(e.session_id::varchar || '|' || e.item_in_session::varchar || '|' || e.user_id::varchar || '|' || e.ts_ms::varchar)`;
const MATCH_KEY = `case
  when e.song_title is not null and e.artist_name is not null and e.song_length is not null
    then md5(octet_length(e.song_title)::varchar || ':' || e.song_title || octet_length(e.artist_name)::varchar || ':' || e.artist_name || (e.song_length * 100000)::bigint::varchar)
end`;
const prefixed = (column: string): string => `coalesce(octet_length(e.${column})::varchar || ':' || e.${column}, '-')`;
const PLAY_HASH = `md5(${['level', 'location', 'user_agent', 'song_title', 'artist_name'].map(prefixed).join(' || ')}
  || coalesce((e.song_length * 100000)::bigint::varchar, '-'))`;
const USER_HASH = `md5(${['first_name', 'last_name', 'gender', 'level'].map(prefixed).join(' || ')})`;

const text = (maxLength: number): fc.Arbitrary<string | null> =>
  fc.option(
    fc
      .string({
        unit: fc.oneof(fc.constantFrom(':', '|', '-', '1', ' ', "'", '\\', 'é', '😀'), fc.string()),
        maxLength,
      })
      .filter((made) => !made.includes('\0') && Buffer.byteLength(made) <= maxLength),
    { freq: 6 },
  );
const seconds = fc.oneof(
  fc.double({ min: 0, max: 99_999, noNaN: true }),
  fc.constantFrom(0, 0.00001, 99999.99999, 200.5, null),
);
const event = fc.record({
  page: fc.constant('NextSong'),
  ts: fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2100, 0) - 1 }),
  userId: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  sessionId: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String), fc.nat(500)),
  itemInSession: fc.oneof(fc.nat(200), fc.integer()),
  level: text(16),
  firstName: text(20),
  lastName: text(20),
  gender: text(16),
  location: text(20),
  userAgent: text(20),
  song: text(20),
  artist: text(20),
  length: seconds,
});

function asSql(value: string | null): string {
  return value === null ? 'null' : `'${value.replaceAll("'", "''")}'`;
}

it('hashes and match keys are those that SQL makes of the same values', async () => {
  const rows = fc.sample(event, { numRuns: 300, seed: 20181112 }).map((values): LogRow => {
    const judged = judge(objectOf(values));
    if (judged.kind !== 'event') throw new Error(JSON.stringify(judged));
    const { song, artist, length } = values;
    const asSong = judgeSong(
      objectOf({ song_id: 's', artist_id: 'a', title: song, artist_name: artist, duration: length }),
    );
    expect(asSong).toMatchObject({ kind: 'song', row: { match_key: judged.row.match_key } });
    return judged.row;
  });
  await session.run(`create temp table events (
    place integer, ts_ms bigint, user_id bigint, session_id bigint, item_in_session integer, level varchar(16),
    first_name varchar(256), last_name varchar(256), gender varchar(16), location varchar(512), user_agent varchar(2048),
    song_title varchar(1024), artist_name varchar(1024), song_length decimal(10, 5))`);
  const values = rows.map((row, place) =>
    [
      String(place), row.start_time_ms, row.user_id, row.session_id, row.item_in_session, row.level, row.first_name,
      row.last_name, row.gender, row.location, row.user_agent, row.song_title, row.artist_name, row.song_length,
    ].map(asSql).join(', '),
  ); // prettier-ignore
  await session.run(`insert into events values (${values.join('), (')})`);
  const { rows: inSql } = await session.run(
    `select ${SONGPLAY_ID} as songplay_id, ${MATCH_KEY} as match_key, ${PLAY_HASH} as play_hash, ${USER_HASH} as user_hash
     from events e order by e.place`,
  );
  expect(inSql).toHaveLength(300);
  expect(
    rows.map(({ songplay_id, match_key, play_hash, user_hash }) => ({ songplay_id, match_key, play_hash, user_hash })),
  ).toEqual(inSql);
  expect(rows.filter(({ match_key }) => match_key === null).length).toBeLessThan(200);
});
