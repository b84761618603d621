-- Purpose: the rows of the versions that the batch replaces or takes back go, whole objects at a time. Part of a publish only where there are such. A
--          version that could not be read is not in batch_objects and leaves what was read before it.
-- Reads:   song_sources by source_id, as 10_affected.sql does.

delete from song_sources
using batch_objects
where song_sources.source_id = batch_objects.object_id
  and batch_objects.change = 'newer';
