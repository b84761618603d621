-- Purpose: newer versions of song objects replace older ones, whole objects at a time. Only a version that was read is in
--          batch_sources; a version that could not be read leaves what was read before it.
-- Newer:   by last-modified; within the same second (S3 gives no more) by the sequencer of the notification. A version
--          that was read later is never older, so the order of arrival does not matter.
-- Reads:   song_sources by source_id: one row a song object, however many plays there are. source_id is a hash, which no
--          sort key helps to find: one column of 32 bytes, 31 blocks per million song objects, and what the others need.
-- Again:   nothing is newer than itself, so nothing is written.

insert into sparkify_affected (source_id)
select b.source_id
from (
  select distinct source_id, last_modified, sequencer
  from batch_sources
) b
left join song_sources k on k.source_id = b.source_id
group by b.source_id, b.last_modified, b.sequencer
having max(k.batch_id) is null
    or b.last_modified > max(k.last_modified)
    or (b.last_modified = max(k.last_modified) and b.sequencer > max(k.sequencer));

insert into sparkify_affected (song_id)
select k.song_id
from song_sources k
join sparkify_affected a on a.source_id = k.source_id
where k.song_id is not null
union
select b.song_id
from batch_sources b
join sparkify_affected a on a.source_id = b.source_id
where b.song_id is not null;

delete from song_sources
using sparkify_affected
where song_sources.source_id = sparkify_affected.source_id;

insert into song_sources (
  source_id, row_number, bucket, object_key, etag, last_modified, sequencer, song_id, title, artist_id, artist_name,
  artist_location, artist_latitude, artist_longitude, year, duration, match_key, batch_id
)
select
  b.source_id, b.row_number, b.bucket, b.object_key, b.etag, b.last_modified, b.sequencer, b.song_id, b.title,
  b.artist_id, b.artist_name, b.artist_location, b.artist_latitude, b.artist_longitude, b.year, b.duration, b.match_key,
  {{batch_id}}
from batch_sources b
join sparkify_affected a on a.source_id = b.source_id;
