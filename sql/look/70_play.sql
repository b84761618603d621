-- Purpose: one play, with the object and the line that it comes from, and its song.
-- Reads:   songplay_id of all of songplays.

select
  p.songplay_id, p.user_id, p.level, p.session_id, p.item_in_session, p.song_title, p.artist_name, p.song_length, p.song_id,
  p.artist_id, p.object_id, p.line_number, p.batch_id, o.bucket, o.object_key, o.etag, o.status as object_status,
  to_char(p.start_time, 'YYYY-MM-DD HH24:MI:SS.MS') as start_time,
  to_char(o.last_modified, 'YYYY-MM-DD HH24:MI:SS.MS') as last_modified
from songplays p
left join ingest_objects o on o.object_id = p.object_id
where p.songplay_id = {{songplay_id}};
