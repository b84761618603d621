-- Purpose: all columns of songplays but the batch. The reload takes object_id and line_number from the star if the winner's
--          values are at that place.
-- Grain:   a row of the star, a row of the reload; row_key identifies it.

create view {{star}} as
select
  songplay_id as row_key, object_id as row_object, songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location,
  user_agent, item_in_session, song_title, artist_name, song_length, match_key, object_id, line_number
from songplays;

create view {{reload}} as
select
  songplay_id as row_key, object_id as row_object, songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location,
  user_agent, item_in_session, song_title, artist_name, song_length, match_key, object_id, line_number
from reload_songplays;
