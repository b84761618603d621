-- Purpose: all columns of users. object_id and line_number are compared as in songplays.
-- Grain:   a row of the star, a row of the reload; row_key identifies it.

create view {{star}} as
select
  user_id as row_key, object_id as row_object, user_id, first_name, last_name, gender, level, last_event_at, last_session_id,
  last_item_in_session, object_id, line_number
from users;

create view {{reload}} as
select
  user_id as row_key, object_id as row_object, user_id, first_name, last_name, gender, level, last_event_at, last_session_id,
  last_item_in_session, object_id, line_number
from reload_users;
