-- Purpose: one row per play, matched with its song by title, artist name and duration themselves (the load matches by a
--          hash of them). Lengths are compared too, because Redshift ignores trailing blanks when it compares text.
-- Rules:   of several rows with one identity the one with the greatest MD5 of its values; of several songs that match
--          the smallest song id; without a match the play is there with nulls.
-- Kept:    plays of the star that no object of the bucket has, or has with values that lose, when a batch wrote them that
--          loaded a log which is gone. Their values are taken on trust, their id, match key and song are not.
-- Grain:   reload_songplays: a play; reload_play_keys: the first twelve digits of a match key that was heard.

create table bucket_plays as
select ranked.*
from (
  select
    h.*,
    row_number() over (partition by h.session_id, h.item_in_session, h.user_id, h.ts_ms order by h.play_hash desc) as preference
  from (
    select
      e.*,
      md5(session_id::varchar || '|' || item_in_session::varchar || '|' || user_id::varchar || '|' || ts_ms::varchar) as songplay_id,
      md5(
        coalesce(octet_length(level)::varchar || ':' || level, '-')
        || coalesce(octet_length(location)::varchar || ':' || location, '-')
        || coalesce(octet_length(user_agent)::varchar || ':' || user_agent, '-')
        || coalesce(octet_length(song_title)::varchar || ':' || song_title, '-')
        || coalesce(octet_length(artist_name)::varchar || ':' || artist_name, '-')
        || coalesce((song_length * 100000)::bigint::varchar, '-')
      ) as play_hash
    from reload_events e
    where is_play
  ) h
) ranked
where ranked.preference = 1;

create table kept_plays as
select
  p.songplay_id, p.start_time, p.user_id, p.level, p.session_id, p.location, p.user_agent, p.item_in_session,
  p.song_title, p.artist_name, p.song_length
from (
  select
    s.*,
    datediff(ms, '1970-01-01 00:00:00'::timestamp, s.start_time) as ts_ms,
    md5(
      coalesce(octet_length(s.level)::varchar || ':' || s.level, '-')
      || coalesce(octet_length(s.location)::varchar || ':' || s.location, '-')
      || coalesce(octet_length(s.user_agent)::varchar || ':' || s.user_agent, '-')
      || coalesce(octet_length(s.song_title)::varchar || ':' || s.song_title, '-')
      || coalesce(octet_length(s.artist_name)::varchar || ':' || s.artist_name, '-')
      || coalesce((s.song_length * 100000)::bigint::varchar, '-')
    ) as play_hash
  from songplays s
  where s.batch_id in (select g.batch_id from gone_batches g)
) p
left join bucket_plays b on b.songplay_id = p.songplay_id
where p.songplay_id = md5(p.session_id::varchar || '|' || p.item_in_session::varchar || '|' || p.user_id::varchar || '|' || p.ts_ms::varchar)
  and (b.songplay_id is null or p.play_hash > b.play_hash);

create table reload_plays as
select
  b.songplay_id, b.start_time, b.user_id, b.level, b.session_id, b.location, b.user_agent, b.item_in_session,
  b.song_title, b.artist_name, b.song_length
from bucket_plays b
left join kept_plays k on k.songplay_id = b.songplay_id
where k.songplay_id is null
union all
select
  songplay_id, start_time, user_id, level, session_id, location, user_agent, item_in_session,
  song_title, artist_name, song_length
from kept_plays;

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
  md5(
    octet_length(p.song_title)::varchar || ':' || p.song_title || octet_length(p.artist_name)::varchar || ':' || p.artist_name
    || (p.song_length * 100000)::bigint::varchar
  )::char(32) as match_key
from reload_plays p
left join reload_matches m on m.songplay_id = p.songplay_id;

create table reload_play_keys as
select
  substring(match_key from 1 for 12)::char(12) as key_prefix,
  date_trunc('day', min(start_time))::date as first_day,
  date_trunc('day', max(start_time))::date as last_day
from reload_songplays
where match_key is not null
group by 1;
