-- Purpose: updates the entries of versions that the batch replaced or removed: their rows are no longer in the star. Only in a
--          publish with such versions, before 40, 50 and 60 write entries with the version that the batch read.
-- Reads:   ingest_files by object_id (distribution key: the join moves none of its rows), without help of a sort key: 32 bytes
--          per entry of the whole ledger. Overwritten and removed objects are few.

update ingest_files
set status = 'superseded'
from (
  select o.object_id
  from sparkify_objects o
  where o.change = 'newer'
    and (o.status <> 'live' or o.etag <> o.was_etag or o.last_modified <> o.was_last_modified)
) r
where ingest_files.object_id = r.object_id
  and ingest_files.status = 'loaded';
