-- Purpose: updates the entries of versions that the batch replaced or removed: their rows are no longer in the star. Only in a
--          publish by the exact plan, before 40, 50 and 60 write entries with the version that the batch read.
-- New:     an object without a live version may have entries of a program older than schema/010. The append plan found the events
--          of such a version in the star, or a reload reads everything: then entries with another content are of a replaced version.
--          If no event is in both versions, the rows of the older one stay in the star, and its entry stays loaded.
-- Reads:   ingest_files by object_id (distribution key: the join moves none of its rows), without help of a sort key: 32 bytes
--          per entry of the whole ledger. Overwritten and removed objects are few.

update ingest_files
set status = 'superseded'
from (
  select o.object_id, o.change, o.etag
  from sparkify_objects o
  where o.change = 'new'
     or (
       o.change = 'newer'
       and (o.status <> 'live' or o.etag <> o.was_etag or o.last_modified <> o.was_last_modified)
     )
) r
where ingest_files.object_id = r.object_id
  and ingest_files.status = 'loaded'
  and (r.change = 'newer' or ingest_files.etag <> r.etag);
