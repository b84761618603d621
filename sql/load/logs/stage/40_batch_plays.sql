-- Purpose: the plays of the batch, without objects that are unchanged.
-- Grain:   a play and an object. If an object has the play more than once, the last row counts.

create temp table sparkify_plays as
select
  r.songplay_id, r.start_time, r.user_id, r.level, r.session_id, r.location, r.user_agent, r.item_in_session,
  r.song_title, r.artist_name, r.song_length, r.match_key, r.play_hash, r.line_number, r.object_id
from (
  select
    e.songplay_id, e.start_time, e.user_id, e.level, e.session_id, e.location, e.user_agent, e.item_in_session,
    e.song_title, e.artist_name, e.song_length, e.match_key, e.play_hash, e.line_number, o.object_id,
    row_number() over (partition by e.songplay_id, o.object_id order by e.row_number desc) as preference
  from sparkify_staging e
  join sparkify_objects o on o.file_number = e.file_number
  where e.kind = 'E'
    and e.is_play = 1
    and o.change <> 'same'
) r
where r.preference = 1;
