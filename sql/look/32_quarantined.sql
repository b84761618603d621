-- Purpose: the keys of the quarantined objects.
-- Reads:   ingest_open, which is small.

select o.object_key
from ingest_open o
where o.bucket = {{bucket}}
  and o.status = 'quarantined'
order by o.object_key;
