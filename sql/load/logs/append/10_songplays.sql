-- Purpose: inserts the plays of the batch, if the star has none of them: no object of the batch has a live version, and no other
--          object has one of the plays. Otherwise the guard in 80_counts.sql ends the transaction, and exact/ publishes the
--          batch.
-- Reads:   songs by match_key of the batch's plays: match_key, song_id and artist_id of the catalogue, on every node (DISTSTYLE
--          ALL): about 80 blocks per million songs. Grows with the catalogue, not with plays.

insert into songplays (
  songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location, user_agent, item_in_session,
  song_title, artist_name, song_length, match_key, batch_id, object_id, line_number
)
select
  b.songplay_id, b.start_time, b.user_id, b.level, m.song_id, m.artist_id, b.session_id, b.location, b.user_agent,
  b.item_in_session, b.song_title, b.artist_name, b.song_length, b.match_key, {{batch_id}}, b.object_id, b.line_number
from sparkify_plays b
left join (
  select s.match_key, s.song_id, s.artist_id, row_number() over (partition by s.match_key order by s.song_id) as preference
  from songs s
  where s.match_key in (select c.match_key from sparkify_plays c)
) m on m.match_key = b.match_key and m.preference = 1;
