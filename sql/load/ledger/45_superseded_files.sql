-- Purpose: entries of the versions that the batch replaced or took back: what they loaded is not in the star any more. Part of a publish only where there
--          are such.
-- Reads:   ingest_files by object_id (distribution key: the join moves no row of it). No sort key helps here, as in
--          load/know/30_known_backfill.sql: 32 bytes an entry of the whole ledger. Overwritten and removed objects are few.

update ingest_files
set status = 'superseded'
from (
  select o.object_id
  from batch_objects o
  where o.change = 'newer'
    and (o.status <> 'live' or o.etag <> o.was_etag or o.last_modified <> o.was_last_modified)
) r
where ingest_files.object_id = r.object_id
  and ingest_files.status = 'loaded'
  and ingest_files.batch_id <> {{batch_id}};
