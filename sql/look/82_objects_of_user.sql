-- Purpose: the objects in which a user is, with the newest event in each.
-- Reads:   user_sources by user_id (distribution key).

select
  o.bucket, o.object_key, o.status, o.batch_id, s.line_number, s.first_name, s.last_name, s.gender, s.level,
  to_char(s.event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as event_at
from user_sources s
join ingest_objects o on o.object_id = s.object_id
where s.user_id = {{user_id}}
order by s.event_at desc, o.object_key
limit {{most}};
