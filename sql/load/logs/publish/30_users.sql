-- Purpose: a user's row carries the values of the newest event seen (time, session, item; then the greater hash). An
--          older event never overwrites a newer one.
-- Reads:   users by user_id (distribution key and sort key): eight columns of the users there are, a block a column per some
--          100,000 users. This grows with the number of users, not with plays.
-- Again:   no event is newer than itself, so nothing is written.

insert into rows_there (user_id, is_older)
select
  u.user_id,
  b.start_time > u.last_event_at
  or (b.start_time = u.last_event_at and b.session_id > u.last_session_id)
  or (b.start_time = u.last_event_at and b.session_id = u.last_session_id and b.item_in_session > u.last_item_in_session)
  or (
    b.start_time = u.last_event_at
    and b.session_id = u.last_session_id
    and b.item_in_session = u.last_item_in_session
    and b.user_hash > md5(
      coalesce(octet_length(u.first_name)::varchar || ':' || u.first_name, '-')
      || coalesce(octet_length(u.last_name)::varchar || ':' || u.last_name, '-')
      || coalesce(octet_length(u.gender)::varchar || ':' || u.gender, '-')
      || coalesce(octet_length(u.level)::varchar || ':' || u.level, '-')
    )
  )
from users u
join batch_users b on b.user_id = u.user_id;

update users
set first_name = c.first_name,
    last_name = c.last_name,
    gender = c.gender,
    level = c.level,
    last_event_at = c.start_time,
    last_session_id = c.session_id,
    last_item_in_session = c.item_in_session
from (
  select b.user_id, b.first_name, b.last_name, b.gender, b.level, b.start_time, b.session_id, b.item_in_session
  from batch_users b
  join rows_there t on t.user_id = b.user_id
  where t.is_older
) c
where users.user_id = c.user_id;

insert into users (user_id, first_name, last_name, gender, level, last_event_at, last_session_id, last_item_in_session)
select b.user_id, b.first_name, b.last_name, b.gender, b.level, b.start_time, b.session_id, b.item_in_session
from batch_users b
left join rows_there t on t.user_id = b.user_id
where t.user_id is null;
