-- Purpose: which columns of songplays are compared: all but the batch. object_id and line_number are a witness: the reload has those
--          of the star wherever the winner's values stand there.
-- Grain:   a row of the star, a row of the reload; row_key names it.

create view compared_star as
select
  songplay_id as row_key, songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location,
  user_agent, item_in_session, song_title, artist_name, song_length, match_key, object_id, line_number
from songplays;

create view compared_reload as
select
  songplay_id as row_key, songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location,
  user_agent, item_in_session, song_title, artist_name, song_length, match_key, object_id, line_number
from reload_songplays;
