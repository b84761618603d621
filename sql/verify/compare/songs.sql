-- Purpose: which columns of songs are compared; the batch and the bookkeeping columns are no part of it.
-- Grain:   a row of the star, a row of the reload; row_key names it.

create view compared_star as
select song_id as row_key, song_id, title, artist_id, year, duration
from songs;

create view compared_reload as
select song_id as row_key, song_id, title, artist_id, year, duration
from reload_songs;
