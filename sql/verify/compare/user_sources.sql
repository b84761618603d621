-- Purpose: all columns of user_sources, for rows that have an object.
-- Grain:   a row of the star, a row of the reload; row_key identifies it.

create view {{star}} as
select
  user_id::varchar || ' ' || object_id as row_key, object_id as row_object, user_id, object_id, line_number, event_at, session_id,
  item_in_session, first_name, last_name, gender, level
from user_sources
where object_id is not null;

create view {{reload}} as
select
  user_id::varchar || ' ' || object_id as row_key, object_id as row_object, user_id, object_id, line_number, event_at, session_id,
  item_in_session, first_name, last_name, gender, level
from user_candidates
where has_lineage;
