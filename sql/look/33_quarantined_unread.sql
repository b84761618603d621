-- Purpose: the objects that are quarantined for another reason than their content, so that another read may load them: those that a
--          backfill reads again (load/know/30_known_backfill.sql). The one first that was not tried for the longest time.
-- Reads:   ingest_open, which is small.

select o.object_key, to_char(o.settled_at, 'YYYY-MM-DD HH24:MI:SS.MS') as settled_at
from ingest_open o
where o.bucket = {{bucket}}
  and o.status = 'quarantined'
  and o.error_code not in ('not_json_objects', 'gzip_invalid', 'inflated_too_large')
order by o.settled_at, o.object_key
limit {{most}};
