-- Purpose: writes the choice of 30_user_choice.sql to users, and the users of the live versions to user_sources.
-- No object:user data that a program older than schema/010 loaded gives way to the same event of an object.
-- Reads:   user_sources within the ranges (literals of its sort key); users by user_id.

delete from user_sources
using sparkify_objects
where user_sources.object_id = sparkify_objects.object_id
  and sparkify_objects.change = 'newer'
  and {{user_sources.event_at in times}};

delete from user_sources
using sparkify_staging
where user_sources.user_id = sparkify_staging.user_id
  and user_sources.event_at = sparkify_staging.start_time
  and user_sources.session_id = sparkify_staging.session_id
  and user_sources.item_in_session = sparkify_staging.item_in_session
  and sparkify_staging.kind = 'E'
  and user_sources.object_id is null
  and {{user_sources.event_at in times}};

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
