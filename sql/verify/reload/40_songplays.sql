-- Purpose: one row per play, matched with its song by title, artist name and duration themselves (the load matches by a
--          hash of them). Lengths are compared too, because Redshift ignores trailing blanks when it compares text.
-- Rules:   of several rows with one identity the one with the greatest MD5 of its values; of several songs that match
--          the smallest song id; without a match the play is there with nulls.

create table reload_plays as
select ranked.*
from (
  select
    e.*,
    md5(session_id::varchar || '|' || item_in_session::varchar || '|' || user_id::varchar || '|' || ts_ms::varchar) as songplay_id,
    row_number() over (
      partition by session_id, item_in_session, user_id, ts_ms
      order by
        md5(
          coalesce(octet_length(level)::varchar || ':' || level, '-')
          || coalesce(octet_length(location)::varchar || ':' || location, '-')
          || coalesce(octet_length(user_agent)::varchar || ':' || user_agent, '-')
          || coalesce(octet_length(song_title)::varchar || ':' || song_title, '-')
          || coalesce(octet_length(artist_name)::varchar || ':' || artist_name, '-')
          || coalesce((song_length * 100000)::bigint::varchar, '-')
        ) desc
    ) as preference
  from reload_events e
  where is_play
) ranked
where ranked.preference = 1;

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
  p.song_length
from reload_plays p
left join reload_matches m on m.songplay_id = p.songplay_id;
