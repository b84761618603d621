-- Purpose: the entries of the files of one batch.
-- Reads:   batch_id of all of ingest_files.

select
  f.file_id, f.object_id, f.bucket, f.object_key, f.etag, f.version_id, f.size, f.dataset, f.status, f.batch_id, f.attempts,
  f.error_code, f.reason,
  to_char(f.event_time, 'YYYY-MM-DD HH24:MI:SS.MS') as event_time,
  to_char(f.last_modified, 'YYYY-MM-DD HH24:MI:SS.MS') as last_modified,
  to_char(f.first_seen_at, 'YYYY-MM-DD HH24:MI:SS.MS') as first_seen_at,
  to_char(f.settled_at, 'YYYY-MM-DD HH24:MI:SS.MS') as settled_at
from ingest_files f
where f.batch_id = {{batch_id}}
order by f.status, f.object_key, f.event_time
limit {{most}};
