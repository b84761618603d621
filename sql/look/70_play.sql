-- Purpose: one play, with the object and the line that it comes from, and its song.
-- Text:    the ids are BIGINT, which may be greater than the whole numbers of JavaScript.
-- Reads:   songplay_id of all of songplays.

select
  p.user_id::varchar as user_id, p.session_id::varchar as session_id, p.item_in_session, p.song_title, p.artist_name,
  p.song_length, p.song_id, p.line_number, p.batch_id, o.bucket, o.object_key,
  to_char(p.start_time, 'YYYY-MM-DD HH24:MI:SS.MS') as start_time
from songplays p
left join ingest_objects o on o.object_id = p.object_id
where p.songplay_id = {{songplay_id}};
