-- Purpose: the logs that have events of a day.
-- Result:  object_id.
-- Reads:   ingest_objects: three columns of all rows.

select object_id
from ingest_objects
where dataset = 'logs'
  and status = 'live'
  and first_event_at < dateadd(day, 1, {{day}})
  and last_event_at >= {{day}};
