-- Purpose: users as their newest event shows them, and the distinct times of all plays.
-- Kept:    a user whose row is newer than every event of the bucket, when a log is gone that may have said so. The newest
--          event need not be a play, and no row tells where it came from: these users are taken on trust.
-- Rules:   newest by time, then session, then item, then the greatest MD5 of the values. ISO week; weekday 0 = Sunday.

create table newest_users as
select ranked.*
from (
  select
    said.*,
    row_number() over (
      partition by said.user_id
      order by
        said.last_event_at desc, said.session_id desc, said.item_in_session desc, said.user_hash desc, said.source
    ) as preference
  from (
    select
      'bucket' as source, user_id, first_name, last_name, gender, level, start_time as last_event_at, session_id,
      item_in_session,
      md5(
        coalesce(octet_length(first_name)::varchar || ':' || first_name, '-')
        || coalesce(octet_length(last_name)::varchar || ':' || last_name, '-')
        || coalesce(octet_length(gender)::varchar || ':' || gender, '-')
        || coalesce(octet_length(level)::varchar || ':' || level, '-')
      ) as user_hash
    from reload_events
    union all
    select
      'star' as source, user_id, first_name, last_name, gender, level, last_event_at, last_session_id,
      last_item_in_session,
      md5(
        coalesce(octet_length(first_name)::varchar || ':' || first_name, '-')
        || coalesce(octet_length(last_name)::varchar || ':' || last_name, '-')
        || coalesce(octet_length(gender)::varchar || ':' || gender, '-')
        || coalesce(octet_length(level)::varchar || ':' || level, '-')
      )
    from users
    where exists (select 1 from gone_batches)
  ) said
) ranked
where ranked.preference = 1;

create table reload_users as
select
  user_id, first_name, last_name, gender, level, last_event_at, session_id as last_session_id,
  item_in_session as last_item_in_session
from newest_users;

create table reload_time as
select distinct
  start_time,
  date_part(hour, start_time)::smallint as hour,
  date_part(day, start_time)::smallint as day,
  date_part(week, start_time)::smallint as week,
  date_part(month, start_time)::smallint as month,
  date_part(year, start_time)::smallint as year,
  date_part(dow, start_time)::smallint as weekday
from reload_plays;
