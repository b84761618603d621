import type pg from 'pg';
import { HISTORY_TABLES } from './quiet-engine.ts';

/** Where history ends; batches come with events of its last hours. */
export const HISTORY_END_MS = Date.UTC(2018, 10, 20);
/** From one play to the next: traffic is steady, so more history is longer history, 10,000 plays a day. */
export const PLAY_EVERY_MS = 8_640;
/** Late songs that history waits for: those of rounds 0 to 99, and of the full plan rounds 39 to 57 bring one. */
export const LATE_SONGS = 100;
/** Plays that wait for each of them, spread evenly over all of history. */
export const PLAYS_PER_LATE_SONG = 20;
/** Minimum number of users and songs; batches name these. */
export const USERS_AT_LEAST = 100;
export const SONGS_AT_LEAST = 500;

type History = { readonly plays: number; readonly everyMs: number };

export function songKey(song: number): string {
  return `flat/song_data/${songId(song)}.json`;
}

export function songId(song: number): string {
  return `SO${String(song).padStart(16, '0')}`;
}

export function artistId(artist: number): string {
  return `AR${String(artist).padStart(16, '0')}`;
}

/**
 * Fills a migrated, empty schema with `plays` plays of history and all that came with them, inside the engine: a user
 * and twenty plays a session, a log file per 50 plays, a batch per 500, a rejected row per 1,000, a song per 20 (two of
 * five plays match one), three songs an artist. Indexes are built afterwards, then VACUUM ANALYZE, as the engine does
 * by itself when it is left alone.
 *
 * @param client its search path is set to the schema.
 * @param input.everyMs from one play to the next, if not `PLAY_EVERY_MS`.
 */
export async function growHistory(
  client: pg.Client,
  input: { bucket: string; plays: number; everyMs?: number },
): Promise<void> {
  const { everyMs = PLAY_EVERY_MS, plays } = input;
  const history = { plays, everyMs };
  const songs = Math.max(SONGS_AT_LEAST, plays / 20);
  const users = Math.max(USERS_AT_LEAST, plays / 100);
  await client.query("set maintenance_work_mem = '512MB'");
  await fill(client, 'song_sources', songSources(input.bucket, songs));
  await fill(client, 'songs', SONGS);
  await fill(client, 'artists', ARTISTS);
  await fill(client, 'songplays', songplays(input.bucket, history, { songs, users }));
  await fill(client, 'play_keys', PLAY_KEYS);
  await fill(client, 'time', TIME);
  await fill(client, 'user_sources', USER_SOURCES);
  await fill(client, 'users', USERS);
  await fill(client, 'ingest_files', ingestFiles(input.bucket, history, songs));
  await fill(client, 'ingest_objects', INGEST_OBJECTS);
  await fill(client, 'ingest_batches', ingestBatches(history));
  await fill(client, 'rejected_rows', rejectedRows(history));
  // Not in one transaction: VACUUM refuses that.
  for (const table of HISTORY_TABLES) await client.query(`vacuum (analyze) ${table}`);
  await client.query('checkpoint');
}

/** A table emptied in the same transaction is written without a log, and indexes are cheaper built than kept. */
export async function fill(client: pg.Client, table: string, insert: string): Promise<void> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
     from pg_index where indrelid = '${table}'::regclass`,
  );
  await client.query('begin');
  await client.query(`truncate ${table}`);
  for (const { name } of rows) await client.query(`drop index ${name}`);
  await client.query(insert);
  for (const { definition } of rows) await client.query(definition);
  await client.query('commit');
}

const MATCH_KEY = `md5(octet_length(v.title)::text || ':' || v.title || octet_length(v.artist_name)::text || ':'
  || v.artist_name || (v.length * 100000)::bigint::text)`;
const SONG_ID = (number: string) => `'SO' || lpad((${number})::text, 16, '0')`;
const ARTIST_ID = (number: string) => `'AR' || lpad((${number})::text, 16, '0')`;
const OBJECT_ID = (bucket: string, key: string) => `md5('["${bucket}","' || ${key} || '"]')`;
const START_TIME = ({ everyMs, plays }: History) =>
  `to_timestamp((${HISTORY_END_MS} - (${plays} - v.n)::bigint * ${everyMs}) / 1000.0) at time zone 'UTC'`;

function songSources(bucket: string, songs: number): string {
  return `insert into song_sources (
      source_id, row_number, line_number, bucket, object_key, etag, last_modified, song_id, title, artist_id, artist_name,
      artist_location, artist_latitude, artist_longitude, year, duration, match_key, batch_id)
    select ${OBJECT_ID(bucket, 'v.key')}, 1, 1, '${bucket}', v.key, md5(v.key),
      '2016-01-01'::timestamp + v.n * interval '1 second', ${SONG_ID('v.n')}, v.title,
      ${ARTIST_ID('v.artist')}, v.artist_name, 'Somewhere', 40.5, -70.25, 1960 + v.n % 60, v.length, ${MATCH_KEY},
      'history-' || v.n / 500
    from (
      select n, 'flat/song_data/' || ${SONG_ID('n')} || '.json' as key, 'Song ' || n as title, (n - 1) / 3 as artist,
        'Artist ' || (n - 1) / 3 as artist_name, (120 + n % 300 + 0.5)::decimal(10, 5) as length
      from generate_series(1, ${songs}) n
    ) v`;
}

const SONGS = `insert into songs (
    song_id, title, artist_id, year, duration, match_key, last_modified, source_id, source_row, line_number)
  select song_id, title, artist_id, year, duration, match_key, last_modified, source_id, row_number, line_number from song_sources`;

const ARTISTS = `insert into artists (artist_id, name, location, latitude, longitude, source_id, line_number)
  select distinct on (artist_id) artist_id, artist_name, 'Somewhere', 40.5, -70.25, source_id, 1 from song_sources
  order by artist_id, last_modified desc`;

/** Two of five plays match a song; a few wait for late songs; the others name songs without metadata. */
function songplays(bucket: string, history: History, all: { songs: number; users: number }): string {
  const { plays } = history;
  const apart = plays / PLAYS_PER_LATE_SONG;
  const late = `(n - 1) % ${apart} - ${apart / 2} between 0 and ${LATE_SONGS - 1}`;
  return `insert into songplays (
      songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location, user_agent, item_in_session,
      song_title, artist_name, song_length, match_key, batch_id, object_id, line_number)
    select md5(v.session_id || '|' || v.n % 20 || '|' || v.user_id || '|' || v.n), ${START_TIME(history)}, v.user_id,
      case when v.user_id % 4 = 0 then 'paid' else 'free' end,
      case when v.kind = 'known' then ${SONG_ID('v.song')} end,
      case when v.kind = 'known' then ${ARTIST_ID('(v.song - 1) / 3')} end,
      v.session_id, 'San Francisco-Oakland-Hayward, CA',
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_4) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/36.0',
      v.n % 20, v.title, v.artist_name, v.length, ${MATCH_KEY}, 'history-' || v.n / 500,
      ${OBJECT_ID(bucket, HISTORY_KEY(plays))}, 1 + (${plays} - v.n) % 50
    from (
      select k.*,
        case k.kind when 'late' then 'Late ' || k.song when 'known' then 'Song ' || k.song else 'Unknown ' || k.song end as title,
        case k.kind when 'late' then 'Late artist' else 'Artist ' || (k.song - 1) / 3 end as artist_name,
        (120 + case k.kind when 'late' then 0 else k.song % 300 end + 0.5)::decimal(10, 5) as length,
        1 + k.session_id % ${all.users} as user_id
      from (
        select n, 1000000 + n / 20 as session_id,
          case when ${late} then 'late' when n % 5 < 2 then 'known' else 'unknown' end as kind,
          case when ${late} then (n - 1) % ${apart} - ${apart / 2} else 1 + (n::bigint * 7919) % ${all.songs} end as song
        from generate_series(1, ${plays}) n
      ) k
    ) v`;
}

const PLAY_KEYS = `insert into play_keys (key_prefix, first_day, last_day)
  select left(match_key, 12), min(start_time)::date, max(start_time)::date
  from songplays where match_key is not null group by 1`;

const TIME = `insert into time (start_time, hour, day, week, month, year, weekday)
  select start_time, extract(hour from start_time), extract(day from start_time), extract(week from start_time),
    extract(month from start_time), extract(year from start_time), extract(dow from start_time)
  from songplays`;

/** A log of history holds 50 plays; the last one of every history is number 0. */
const HISTORY_KEY = (plays: number) => `('flat/log_data/history-' || (${plays} - v.n) / 50 || '.json')`;

/** The object key of a log of history, counted from the end. */
export function historyKey(fromEnd: number): string {
  return `flat/log_data/history-${fromEnd}.json`;
}

const USER_SOURCES = `insert into user_sources (
    user_id, event_at, session_id, item_in_session, first_name, last_name, gender, level, object_id, line_number)
  select distinct on (user_id, object_id) user_id, start_time, session_id, item_in_session, 'First ' || user_id,
    'Last ' || user_id, 'F', level, object_id, line_number
  from songplays order by user_id, object_id, start_time desc, session_id desc, item_in_session desc`;

const USERS = `insert into users (
    user_id, first_name, last_name, gender, level, last_event_at, last_session_id, last_item_in_session, object_id,
    line_number)
  select distinct on (user_id) user_id, first_name, last_name, gender, level, event_at, session_id, item_in_session,
    object_id, line_number
  from user_sources order by user_id, event_at desc, session_id desc, item_in_session desc`;

const INGEST_OBJECTS = `insert into ingest_objects (
    object_id, dataset, bucket, object_key, etag, last_modified, status, rows_kept, rows_sum, first_event_at,
    last_event_at, batch_id)
  select f.object_id, f.dataset, f.bucket, f.object_key, f.etag, date_trunc('second', f.last_modified), 'live',
    coalesce(p.plays, 1), 0, p.first_at, p.last_at, f.batch_id
  from ingest_files f
  left join (
    select object_id, count(*) as plays, min(start_time) as first_at, max(start_time) as last_at
    from songplays group by object_id
  ) p on p.object_id = f.object_id`;

function ingestFiles(bucket: string, history: History, songs: number): string {
  const { plays } = history;
  return `insert into ingest_files (
      file_id, object_id, bucket, object_key, etag, version_id, sequencer, size, event_time, last_modified, dataset,
      status, batch_id, attempts, first_seen_at, settled_at)
    select md5('file ' || v.key), ${OBJECT_ID(bucket, 'v.key')}, '${bucket}', v.key, md5(v.key), null,
      lpad(upper(to_hex(v.n)), 32, '0'), 20000, v.at, v.at, v.dataset, 'loaded', 'history-' || v.n / 500, 1, v.at, v.at
    from (
      select v.n, ${HISTORY_KEY(plays)} as key, 'logs' as dataset, ${START_TIME(history)} as at
      from (select ${plays} - f * 50 as n from generate_series(0, ${plays / 50 - 1}) f) v
      union all
      select n, 'flat/song_data/' || ${SONG_ID('n')} || '.json', 'songs', '2016-01-01'::timestamp + n * interval '1 second'
      from generate_series(1, ${songs}) n
    ) v`;
}

function ingestBatches(history: History): string {
  const { plays } = history;
  return `insert into ingest_batches (
      batch_id, dataset, source, close_reason, files, bytes, rows_staged, rows_rejected, rows_inserted, rows_updated,
      rows_repaired, opened_at, closed_at, known_at, staged_at, published_at, consumer, manifest_uri, query_ids)
    select 'history-' || v.n / 500, 'logs', 'live', 'idle', 10, 200000, 500, 0, 500, 0, 0, v.at, v.at, v.at, v.at, v.at,
      'history', 's3://bucket/manifest', '1'
    from (
      select v.n, ${START_TIME(history)} as at from (select b * 500 as n from generate_series(1, ${plays / 500}) b) v
    ) v`;
}

function rejectedRows(history: History): string {
  const { plays } = history;
  return `insert into rejected_rows (rejected_id, batch_id, dataset, row_text, column_name, reason, rejected_at)
    select md5('rejected ' || v.n), 'history-' || v.n / 500, 'logs', '{"page":"NextSong","ts":"' || v.n || '"}', 'user_id',
      'is not a whole number of 1 to 18 digits', ${START_TIME(history)}
    from (select r * 1000 as n from generate_series(1, ${plays / 1000}) r) v`;
}
