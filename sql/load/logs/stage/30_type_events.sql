-- Purpose: the rows that fit, typed; casts are inside the CASEs that guard them.
-- match_key: MD5 of title, artist name and duration in 1/100000 s, each with its length, so that no two triples share a
--          text; null when one is missing. The same expression makes the songs' match_key.
-- char(32): the type of the columns these are joined with, so that no join converts the larger side row by row.
-- play_hash, user_hash: MD5 of the values beside the identity. When one identity comes with different values, the
--          greater hash wins, in whatever order and batch they arrive.

create temp table batch_events as
select
  t.page = 'NextSong' as is_play,
  md5(t.session_id::varchar || '|' || t.item_in_session::varchar || '|' || t.user_id::varchar || '|' || t.ts_ms::varchar)::char(32) as songplay_id,
  dateadd(ms, (t.ts_ms % 60000)::integer, dateadd(minute, (t.ts_ms / 60000)::integer, '1970-01-01 00:00:00'::timestamp)) as start_time,
  t.user_id,
  t.level,
  t.session_id,
  t.item_in_session,
  t.first_name,
  t.last_name,
  t.gender,
  t.location,
  t.user_agent,
  t.song_title,
  t.artist_name,
  t.song_length,
  case
    when t.song_title is not null and t.artist_name is not null and t.song_length is not null
      then md5(octet_length(t.song_title)::varchar || ':' || t.song_title || octet_length(t.artist_name)::varchar || ':' || t.artist_name || (t.song_length * 100000)::bigint::varchar)::char(32)
  end as match_key,
  md5(
    coalesce(octet_length(t.level)::varchar || ':' || t.level, '-')
    || coalesce(octet_length(t.location)::varchar || ':' || t.location, '-')
    || coalesce(octet_length(t.user_agent)::varchar || ':' || t.user_agent, '-')
    || coalesce(octet_length(t.song_title)::varchar || ':' || t.song_title, '-')
    || coalesce(octet_length(t.artist_name)::varchar || ':' || t.artist_name, '-')
    || coalesce((t.song_length * 100000)::bigint::varchar, '-')
  ) as play_hash,
  md5(
    coalesce(octet_length(t.first_name)::varchar || ':' || t.first_name, '-')
    || coalesce(octet_length(t.last_name)::varchar || ':' || t.last_name, '-')
    || coalesce(octet_length(t.gender)::varchar || ':' || t.gender, '-')
    || coalesce(octet_length(t.level)::varchar || ':' || t.level, '-')
  ) as user_hash
from (
  select
    c.page,
    case when c.ts ~ '^[0-9]{1,13}$' then c.ts::bigint end as ts_ms,
    case when c.userid ~ '^[0-9]{1,18}$' then c.userid::bigint end as user_id,
    case when c.sessionid ~ '^[0-9]{1,18}$' then c.sessionid::bigint end as session_id,
    case when c.iteminsession ~ '^[0-9]{1,9}$' then c.iteminsession::integer end as item_in_session,
    c.level,
    c.firstname as first_name,
    c.lastname as last_name,
    c.gender,
    c.location,
    c.useragent as user_agent,
    c.song as song_title,
    c.artist as artist_name,
    case when c.length ~ '^[0-9]{1,5}([.][0-9]{1,20})?$' and c.length !~ '^99999[.]99999[5-9]' then round(c.length::decimal(30, 20), 5)::decimal(10, 5) end as song_length
  from checked_events c
  where c.rejection is null
) t;
