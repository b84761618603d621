-- Purpose: the objects that a person should look at, the newest first.
-- Reads:   ingest_open, which is small.

select
  o.object_id, o.dataset, o.bucket, o.object_key, o.status, o.error_code, o.reason, o.rows_rejected, o.batch_id,
  to_char(o.settled_at, 'YYYY-MM-DD HH24:MI:SS.MS') as settled_at
from ingest_open o
where o.settled_at >= {{since}}
  and left(o.object_key, {{prefix_length}}) = {{prefix}}
order by o.settled_at desc, o.object_key
limit {{most}};
