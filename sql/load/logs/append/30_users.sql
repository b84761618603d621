-- Purpose: inserts each user's newest event of each object, and updates users with the newest event of all (time, session, item).
--          An older event never overwrites a newer one.
-- Reads:   users by user_id (distribution key and sort key): six columns, a block per column and about 100,000 users. Grows with
--          users, not with plays.
-- Equal:   an event that another object has too needs the exact plan; the guard in 80_counts.sql finds it.

insert into user_sources (
  user_id, event_at, session_id, item_in_session, first_name, last_name, gender, level, object_id, line_number
)
select
  b.user_id, b.start_time, b.session_id, b.item_in_session, b.first_name, b.last_name, b.gender, b.level, b.object_id,
  b.line_number
from sparkify_users b;

insert into sparkify_choice (user_id, source, is_there)
select
  u.user_id,
  'S',
  not (
    b.start_time > u.last_event_at
    or (b.start_time = u.last_event_at and b.session_id > u.last_session_id)
    or (b.start_time = u.last_event_at and b.session_id = u.last_session_id and b.item_in_session > u.last_item_in_session)
  )
from users u
join sparkify_users b on b.user_id = u.user_id and b.place = 1;

update users
set first_name = c.first_name,
    last_name = c.last_name,
    gender = c.gender,
    level = c.level,
    last_event_at = c.start_time,
    last_session_id = c.session_id,
    last_item_in_session = c.item_in_session,
    object_id = c.object_id,
    line_number = c.line_number
from (
  select
    b.user_id, b.first_name, b.last_name, b.gender, b.level, b.start_time, b.session_id, b.item_in_session, b.object_id,
    b.line_number
  from sparkify_users b
  join sparkify_choice t on t.user_id = b.user_id
  where b.place = 1
    and not t.is_there
) c
where users.user_id = c.user_id;

insert into users (
  user_id, first_name, last_name, gender, level, last_event_at, last_session_id, last_item_in_session, object_id, line_number
)
select
  b.user_id, b.first_name, b.last_name, b.gender, b.level, b.start_time, b.session_id, b.item_in_session, b.object_id,
  b.line_number
from sparkify_users b
left join sparkify_choice t on t.user_id = b.user_id
where b.place = 1
  and t.user_id is null;
