-- Purpose: all columns of play_rivals but the batch.
-- Grain:   a row of the star, a row of the reload; row_key identifies it.

create view {{star}} as
select
  songplay_id || ' ' || object_id as row_key, object_id as row_object, songplay_id, object_id, line_number, start_time, user_id, level, session_id,
  location, user_agent, item_in_session, song_title, artist_name, song_length, match_key
from play_rivals;

create view {{reload}} as
select
  songplay_id || ' ' || object_id as row_key, object_id as row_object, songplay_id, object_id, line_number, start_time, user_id, level, session_id,
  location, user_agent, item_in_session, song_title, artist_name, song_length, match_key
from reload_play_rivals;
