-- Purpose: the logs that have events of a day.
-- Result:  object_id and object_key.
-- Reads:   ingest_objects: three columns of all rows, and the keys of the logs.

select object_id, object_key
from ingest_objects
where bucket = {{bucket}}
  and dataset = 'logs'
  and status = 'live'
  and first_event_at < dateadd(day, 1, {{day}})
  and last_event_at >= {{day}}
order by object_key;
