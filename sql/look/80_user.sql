-- Purpose: one user, with the object and the line of the newest event.

select
  u.first_name, u.last_name, u.gender, u.level, u.line_number, o.bucket, o.object_key, o.batch_id,
  to_char(u.last_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as last_event_at
from users u
left join ingest_objects o on o.object_id = u.object_id
where u.user_id = {{user_id}};
