-- Purpose: one row per play, matched with its song by title, artist name and duration (the load matches by a hash of them).
--          Lengths are compared too, because Redshift ignores trailing blanks when it compares text.
-- Rules:   of several rows with one identity in an object the last one; of several objects the newest; of several matching songs
--          the smallest song id; a play without a match has nulls.
-- Witness: a row of the star keeps its object and line if a candidate there has the values of the winner. Every other candidate
--          is a rival.
-- Star:    the rows of objects that were not read, if the id of the row is the hash of its identity; and rows without an object,
--          which give way to any other row of the play.
-- Grain:   play_candidates: a play and an object; reload_songplays: a play; reload_play_rivals: a play and each other object that
--          has it; reload_play_keys: the first twelve digits of the match keys of all of these.

create table play_candidates as
select ranked.*
from (
  select
    h.*,
    row_number() over (partition by h.songplay_id, h.object_id order by h.ordinal desc) as preference
  from (
    select
      p.*,
      coalesce(f.has_lineage, false) as has_lineage,
      coalesce(f.age, 9223372036854775807) as age,
      md5(p.session_id::varchar || '|' || p.item_in_session::varchar || '|' || p.user_id::varchar || '|' || p.ts_ms::varchar)::char(32) as songplay_id,
      md5(
        coalesce(octet_length(p.level)::varchar || ':' || p.level, '-')
        || coalesce(octet_length(p.location)::varchar || ':' || p.location, '-')
        || coalesce(octet_length(p.user_agent)::varchar || ':' || p.user_agent, '-')
        || coalesce(octet_length(p.song_title)::varchar || ':' || p.song_title, '-')
        || coalesce(octet_length(p.artist_name)::varchar || ':' || p.artist_name, '-')
        || coalesce((p.song_length * 100000)::bigint::varchar, '-')
      ) as play_hash,
      md5(
        octet_length(p.song_title)::varchar || ':' || p.song_title || octet_length(p.artist_name)::varchar || ':' || p.artist_name
        || (p.song_length * 100000)::bigint::varchar
      )::char(32) as match_key
    from (
      select
        'bucket' as source, null::char(32) as star_id, object_id, ordinal, line_number, session_id, item_in_session, user_id,
        ts_ms, start_time, level, location, user_agent, song_title, artist_name, song_length
      from reload_events
      where is_play
      union all
      select
        'star', songplay_id, object_id, 0, line_number, session_id, item_in_session, user_id,
        datediff(ms, '1970-01-01 00:00:00'::timestamp, start_time), start_time, level, location, user_agent, song_title,
        artist_name, song_length
      from songplays
      union all
      select
        'star', songplay_id, object_id, 0, line_number, session_id, item_in_session, user_id,
        datediff(ms, '1970-01-01 00:00:00'::timestamp, start_time), start_time, level, location, user_agent, song_title,
        artist_name, song_length
      from play_rivals
    ) p
    left join known_files f on f.object_id = p.object_id
    where p.object_id is null
       or (f.status = 'live' and f.is_read = (p.source = 'bucket'))
  ) h
  where h.source = 'bucket'
     or h.star_id = h.songplay_id
) ranked
where ranked.preference = 1;

create table reload_plays as
select ranked.*
from (
  select
    o.*,
    row_number() over (
      partition by o.songplay_id
      order by
        case when o.play_hash = o.newest_hash then 0 else 1 end,
        case when o.is_named = 1 then 0 else 1 end,
        case when o.has_lineage then 0 else 1 end,
        o.age
    ) as place
  from (
    select
      c.songplay_id, c.object_id, c.line_number, c.start_time, c.user_id, c.level, c.session_id, c.location, c.user_agent,
      c.item_in_session, c.song_title, c.artist_name, c.song_length, c.match_key, c.play_hash, c.has_lineage, c.age,
      s.is_named,
      first_value(c.play_hash) over (
        partition by c.songplay_id
        order by c.age
        rows between unbounded preceding and unbounded following
      ) as newest_hash
    from play_candidates c
    left join (
      select distinct songplay_id, object_id, line_number, 1 as is_named
      from songplays
    ) s on s.songplay_id = c.songplay_id and s.object_id = c.object_id and s.line_number = c.line_number
  ) o
) ranked
where ranked.place = 1;

create table reload_matches as
select ranked.songplay_id, ranked.song_id, ranked.artist_id
from (
  select
    p.songplay_id,
    s.song_id,
    s.artist_id,
    row_number() over (partition by p.songplay_id order by s.song_id) as preference
  from reload_plays p
  join reload_newest_songs s
    on s.title = p.song_title
    and s.artist_name = p.artist_name
    and s.duration = p.song_length
    and octet_length(s.title) = octet_length(p.song_title)
    and octet_length(s.artist_name) = octet_length(p.artist_name)
) ranked
where ranked.preference = 1;

create table reload_songplays as
select
  p.songplay_id,
  p.start_time,
  p.user_id,
  p.level,
  m.song_id,
  m.artist_id,
  p.session_id,
  p.location,
  p.user_agent,
  p.item_in_session,
  p.song_title,
  p.artist_name,
  p.song_length,
  p.match_key,
  case when p.has_lineage then p.object_id end as object_id,
  case when p.has_lineage then p.line_number end as line_number
from reload_plays p
left join reload_matches m on m.songplay_id = p.songplay_id;

create table reload_play_rivals as
select
  c.songplay_id, c.object_id, c.line_number, c.start_time, c.user_id, c.level, c.session_id, c.location, c.user_agent,
  c.item_in_session, c.song_title, c.artist_name, c.song_length, c.match_key
from play_candidates c
left join reload_plays p on p.songplay_id = c.songplay_id and p.object_id = c.object_id
where c.has_lineage
  and p.songplay_id is null;

create table reload_play_keys as
select
  substring(k.match_key from 1 for 12)::char(12) as key_prefix,
  date_trunc('day', min(k.start_time))::date as first_day,
  date_trunc('day', max(k.start_time))::date as last_day
from (
  select match_key, start_time from reload_songplays
  union all
  select match_key, start_time from reload_play_rivals
) k
where k.match_key is not null
group by 1;
