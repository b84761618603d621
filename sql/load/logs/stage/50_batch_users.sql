-- Purpose: the users of the batch with their newest event, without objects that are unchanged.
-- Grain:   a user and an object: the newest event (time, session, item), then the last row. place 1 is the newest event of all
--          objects of the batch, then that of the newest file (last-modified, key, bucket).

create temp table sparkify_users as
select
  r.user_id, r.first_name, r.last_name, r.gender, r.level, r.start_time, r.session_id, r.item_in_session, r.user_hash,
  r.line_number, r.object_id,
  row_number() over (
    partition by r.user_id
    order by
      r.start_time desc, r.session_id desc, r.item_in_session desc, r.last_modified desc, r.object_key desc, r.bucket desc
  ) as place
from (
  select
    e.user_id, e.first_name, e.last_name, e.gender, e.level, e.start_time, e.session_id, e.item_in_session, e.user_hash,
    e.line_number, o.object_id, o.last_modified, o.object_key, o.bucket,
    row_number() over (
      partition by e.user_id, o.object_id
      order by e.start_time desc, e.session_id desc, e.item_in_session desc, e.row_number desc
    ) as preference
  from sparkify_staging e
  join sparkify_objects o on o.file_number = e.file_number
  where e.kind = 'E'
    and o.change <> 'same'
) r
where r.preference = 1;
