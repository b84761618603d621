-- Purpose: the batch's song rows as they will be in song_sources, each with its source object, without objects that are
--          unchanged.

create temp table sparkify_sources as
select
  o.object_id as source_id,
  s.row_number,
  s.line_number,
  o.bucket,
  o.object_key,
  o.etag,
  o.last_modified,
  s.song_id,
  s.title,
  s.artist_id,
  s.artist_name,
  s.artist_location,
  s.artist_latitude,
  s.artist_longitude,
  s.year,
  s.duration,
  s.match_key
from sparkify_staging s
join sparkify_objects o on o.file_number = s.file_number
where s.kind = 'S'
  and o.change <> 'same';
