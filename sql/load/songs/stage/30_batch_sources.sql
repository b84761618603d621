-- Purpose: the batch's song rows as they will stand in song_sources, each with the object that it came from. A place whose
--          row does not fit has song_id null: this version of the object names no song there.

create temp table batch_sources as
select
  f.object_id as source_id,
  s.row_number,
  f.bucket,
  f.object_key,
  s.etag,
  s.last_modified,
  s.sequencer,
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
join sparkify_staging f on f.file_number = s.file_number
where s.kind in ('S', 'N')
  and f.kind = 'F';
