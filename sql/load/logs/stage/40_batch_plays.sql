-- Purpose: one row per play, so that the merge meets every target row at most once.
-- Order:   the greatest play_hash of an identity.

create temp table batch_plays as
select
  r.songplay_id, r.start_time, r.user_id, r.level, r.session_id, r.location, r.user_agent, r.item_in_session,
  r.song_title, r.artist_name, r.song_length, r.match_key, r.play_hash
from (
  select e.*, row_number() over (partition by e.songplay_id order by e.play_hash desc) as preference
  from sparkify_staging e
  where e.kind = 'E'
    and e.is_play = 1
) r
where r.preference = 1;
