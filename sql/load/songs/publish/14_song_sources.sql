-- Purpose: inserts the song rows of the batch's objects.
-- Again:   an object whose version is live already is not in sparkify_sources.

insert into song_sources (
  source_id, row_number, line_number, bucket, object_key, etag, last_modified, song_id, title, artist_id, artist_name,
  artist_location, artist_latitude, artist_longitude, year, duration, match_key, batch_id
)
select
  b.source_id, b.row_number, b.line_number, b.bucket, b.object_key, b.etag, b.last_modified, b.song_id, b.title,
  b.artist_id, b.artist_name, b.artist_location, b.artist_latitude, b.artist_longitude, b.year, b.duration, b.match_key,
  {{batch_id}}
from sparkify_sources b;
