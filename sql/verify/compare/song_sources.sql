-- Purpose: all columns of song_sources but the batch.
-- Grain:   a row of the star, a row of the reload; row_key is unique for each, row_name is its name for people.

create view {{star}} as
select
  source_id || ' ' || row_number::varchar as row_key, object_key || ' ' || row_number::varchar as row_name, source_id as row_object, source_id,
  row_number, line_number, bucket, object_key, etag, last_modified, song_id, title, artist_id, artist_name,
  artist_location, artist_latitude, artist_longitude, year, duration, match_key
from song_sources;

create view {{reload}} as
select
  source_id || ' ' || row_number::varchar as row_key, object_key || ' ' || row_number::varchar as row_name, source_id as row_object, source_id,
  row_number, line_number, bucket, object_key, etag, last_modified, song_id, title, artist_id, artist_name,
  artist_location, artist_latitude, artist_longitude, year, duration, match_key
from reload_song_sources;
