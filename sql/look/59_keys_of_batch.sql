-- Purpose: the keys of the files of one batch that are of a dataset.
-- Reads:   batch_id of all of ingest_files.

select distinct f.object_key
from ingest_files f
where f.batch_id = {{batch_id}}
  and f.bucket = {{bucket}}
  and f.status <> 'ignored'
order by f.object_key;
