-- Purpose: writes the choice of 30_user_choice.sql to users, and the users of the live versions to user_sources.
-- No object:user data that a program older than schema/010 loaded gives way to the same event of an object.
-- Reads:   user_sources within the ranges (literals of its sort key); users by user_id.

delete from user_sources
where {{user_sources.event_at in times}}
  and (
    user_sources.object_id in (select o.object_id from sparkify_objects o where o.change = 'newer')
    or (
      user_sources.object_id is null
      and user_sources.user_id::varchar || ' ' || to_char(user_sources.event_at, 'YYYYMMDDHH24MISSMS') || ' ' || user_sources.session_id::varchar || ' ' || user_sources.item_in_session::varchar in (
        select s.user_id::varchar || ' ' || to_char(s.start_time, 'YYYYMMDDHH24MISSMS') || ' ' || s.session_id::varchar || ' ' || s.item_in_session::varchar
        from sparkify_staging s
        join sparkify_objects o on o.file_number = s.file_number and o.change <> 'same'
        where s.kind = 'E'
      )
    )
  );

delete from users
using sparkify_choice
where users.user_id = sparkify_choice.user_id
  and sparkify_choice.preference = 1
  and not sparkify_choice.is_there;

insert into users (
  user_id, first_name, last_name, gender, level, last_event_at, last_session_id, last_item_in_session, object_id, line_number
)
select
  b.user_id, b.first_name, b.last_name, b.gender, b.level, b.start_time, b.session_id, b.item_in_session, b.object_id,
  b.line_number
from sparkify_users b
join sparkify_choice c on c.user_id = b.user_id and c.object_id = b.object_id
where c.source = 'B'
  and c.preference = 1
  and not c.is_there
union all
select
  v.user_id, v.first_name, v.last_name, v.gender, v.level, v.event_at, v.session_id, v.item_in_session, v.object_id,
  v.line_number
from user_sources v
join sparkify_choice c on c.user_id = v.user_id and coalesce(c.object_id, '') = coalesce(v.object_id, '')
where c.source = 'R'
  and c.preference = 1
  and {{v.event_at in fallback}};

insert into user_sources (
  user_id, event_at, session_id, item_in_session, first_name, last_name, gender, level, object_id, line_number
)
select
  b.user_id, b.start_time, b.session_id, b.item_in_session, b.first_name, b.last_name, b.gender, b.level, b.object_id,
  b.line_number
from sparkify_users b;
