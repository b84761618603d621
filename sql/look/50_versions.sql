-- Purpose: the entries of one object, the newest first.
-- Reads:   ingest_files by object_id (distribution key): 32 bytes for each entry of the ledger.

select
  f.file_id, f.object_id, f.bucket, f.object_key, f.etag, f.version_id, f.size, f.dataset, f.status, f.batch_id, f.attempts,
  f.error_code, f.reason,
  to_char(f.event_time, 'YYYY-MM-DD HH24:MI:SS.MS') as event_time,
  to_char(f.last_modified, 'YYYY-MM-DD HH24:MI:SS.MS') as last_modified,
  to_char(f.first_seen_at, 'YYYY-MM-DD HH24:MI:SS.MS') as first_seen_at,
  to_char(f.settled_at, 'YYYY-MM-DD HH24:MI:SS.MS') as settled_at
from ingest_files f
where f.object_id = {{object_id}}
order by f.settled_at desc, f.event_time desc, f.file_id
limit {{most}};
