-- Purpose: one row per play and one per user, so that the merge meets every target row at most once.
-- Order:   plays: the greatest play_hash of an identity; users: the newest event (time, session, item), then the hash.

create temp table batch_plays as
select
  r.songplay_id, r.start_time, r.user_id, r.level, r.session_id, r.location, r.user_agent, r.item_in_session,
  r.song_title, r.artist_name, r.song_length, r.match_key, r.play_hash
from (
  select e.*, row_number() over (partition by e.songplay_id order by e.play_hash desc) as preference
  from staging_events e
  where e.kind = 'E'
    and e.is_play = 1
) r
where r.preference = 1;

create temp table batch_users as
select
  r.user_id, r.first_name, r.last_name, r.gender, r.level, r.start_time, r.session_id, r.item_in_session, r.user_hash
from (
  select
    e.*,
    row_number() over (
      partition by e.user_id
      order by e.start_time desc, e.session_id desc, e.item_in_session desc, e.user_hash desc
    ) as preference
  from staging_events e
  where e.kind = 'E'
) r
where r.preference = 1;
