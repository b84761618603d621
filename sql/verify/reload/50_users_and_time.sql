-- Purpose: users as their newest event shows them, and the distinct times of all plays.
-- Kept:    a user whose row is newer than every event of the bucket, when a log is gone that may have said so. The newest
--          event need not be a play, and no row tells where it came from: these users are taken on trust.
-- Rules:   newest by time, then session, then item, then the greatest MD5 of the values. ISO week; weekday 0 = Sunday.

create table bucket_users as
select ranked.*
from (
  select
    h.*,
    row_number() over (
      partition by h.user_id
      order by h.ts_ms desc, h.session_id desc, h.item_in_session desc, h.user_hash desc
    ) as preference
  from (
    select
      e.*,
      md5(
        coalesce(octet_length(first_name)::varchar || ':' || first_name, '-')
        || coalesce(octet_length(last_name)::varchar || ':' || last_name, '-')
        || coalesce(octet_length(gender)::varchar || ':' || gender, '-')
        || coalesce(octet_length(level)::varchar || ':' || level, '-')
      ) as user_hash
    from reload_events e
  ) h
) ranked
where ranked.preference = 1;

create table kept_users as
select u.user_id, u.first_name, u.last_name, u.gender, u.level, u.last_event_at
from (
  select
    s.*,
    md5(
      coalesce(octet_length(s.first_name)::varchar || ':' || s.first_name, '-')
      || coalesce(octet_length(s.last_name)::varchar || ':' || s.last_name, '-')
      || coalesce(octet_length(s.gender)::varchar || ':' || s.gender, '-')
      || coalesce(octet_length(s.level)::varchar || ':' || s.level, '-')
    ) as user_hash
  from users s
  where exists (select 1 from gone_batches)
) u
left join bucket_users b on b.user_id = u.user_id
where b.user_id is null
   or u.last_event_at > b.start_time
   or (u.last_event_at = b.start_time and u.last_session_id > b.session_id)
   or (u.last_event_at = b.start_time and u.last_session_id = b.session_id and u.last_item_in_session > b.item_in_session)
   or (
    u.last_event_at = b.start_time
    and u.last_session_id = b.session_id
    and u.last_item_in_session = b.item_in_session
    and u.user_hash > b.user_hash
  );

create table reload_users as
select b.user_id, b.first_name, b.last_name, b.gender, b.level, b.start_time as last_event_at
from bucket_users b
left join kept_users k on k.user_id = b.user_id
where k.user_id is null
union all
select user_id, first_name, last_name, gender, level, last_event_at
from kept_users;

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
