-- Purpose: Does every play lie between the first and the last event of its log?
-- Above:   0 fails.

select 'plays outside the times of their log' as what, count(*) as found
from songplays p
join ingest_objects o on o.object_id = p.object_id
where p.start_time < o.first_event_at
   or p.start_time > o.last_event_at;
