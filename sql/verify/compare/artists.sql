-- Purpose: which columns of artists are compared: all of them.
-- Grain:   a row of the star, a row of the reload; row_key names it.

create view compared_star as
select artist_id as row_key, artist_id, name, location, latitude, longitude
from artists;

create view compared_reload as
select artist_id as row_key, artist_id, name, location, latitude, longitude
from reload_artists;
