-- Purpose: the live version of one object, or the version that was removed or retracted last.

select
  o.etag, o.status, o.rows_kept, o.batch_id,
  to_char(o.last_modified, 'YYYY-MM-DD HH24:MI:SS.MS') as last_modified,
  to_char(o.first_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as first_event_at,
  to_char(o.last_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as last_event_at
from ingest_objects o
where o.object_id = {{object_id}};
