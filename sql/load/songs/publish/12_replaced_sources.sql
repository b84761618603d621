-- Purpose: removes the rows of the versions that the batch replaces or removes, whole objects at a time. Only in a publish with
--          such versions. A version that could not be read is not in sparkify_objects, and the rows of the version before stay.
-- Reads:   song_sources by source_id, as 10_affected.sql does.

delete from song_sources
using sparkify_objects
where song_sources.source_id = sparkify_objects.object_id
  and sparkify_objects.change = 'newer';
