-- Purpose: which columns of songs are compared: all of them.
-- Grain:   a row of the star, a row of the reload; row_key names it.

create view compared_star as
select
  song_id as row_key, song_id, title, artist_id, year, duration, match_key, last_modified, source_id, source_row,
  line_number
from songs;

create view compared_reload as
select
  song_id as row_key, song_id, title, artist_id, year, duration, match_key, last_modified, source_id, source_row,
  line_number
from reload_songs;
