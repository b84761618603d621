-- Purpose: all columns of songs.
-- Grain:   a row of the star, a row of the reload; row_key identifies it.

create view {{star}} as
select
  song_id as row_key, source_id as row_object, song_id, title, artist_id, year, duration, match_key, last_modified, source_id, source_row,
  line_number
from songs;

create view {{reload}} as
select
  song_id as row_key, source_id as row_object, song_id, title, artist_id, year, duration, match_key, last_modified, source_id, source_row,
  line_number
from reload_songs;
