-- Purpose: users as their newest event shows them, and the distinct times of all plays.
-- Rules:   newest by time, then session, then item, then the greatest MD5 of the values. ISO week; weekday 0 = Sunday.

create table reload_users as
select
  ranked.user_id,
  ranked.first_name,
  ranked.last_name,
  ranked.gender,
  ranked.level,
  ranked.start_time as last_event_at
from (
  select
    e.*,
    row_number() over (
      partition by user_id
      order by
        ts_ms desc,
        session_id desc,
        item_in_session desc,
        md5(
          coalesce(octet_length(first_name)::varchar || ':' || first_name, '-')
          || coalesce(octet_length(last_name)::varchar || ':' || last_name, '-')
          || coalesce(octet_length(gender)::varchar || ':' || gender, '-')
          || coalesce(octet_length(level)::varchar || ':' || level, '-')
        ) desc
    ) as preference
  from reload_events e
) ranked
where ranked.preference = 1;

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
