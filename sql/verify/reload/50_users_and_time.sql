-- Purpose: each user's newest event of each object, users with the newest event of all, and the distinct times of all plays.
-- Rules:   newest by time, then session, then item; then the last row of an object, and the newest object. ISO week; weekday 0 =
--          Sunday.
-- Witness: as in 40_songplays.sql: a row of the star keeps its object and line if the same event is there with the same values.
-- Star:    user_sources of objects that were not read, and rows without an object, which give way to the same event of an object.
-- Grain:   user_candidates: a user and an object; reload_users: a user.

create table user_candidates as
select ranked.*
from (
  select
    v.*,
    coalesce(f.has_lineage, false) as has_lineage,
    coalesce(f.age, 9223372036854775807) as age,
    md5(
      coalesce(octet_length(v.first_name)::varchar || ':' || v.first_name, '-')
      || coalesce(octet_length(v.last_name)::varchar || ':' || v.last_name, '-')
      || coalesce(octet_length(v.gender)::varchar || ':' || v.gender, '-')
      || coalesce(octet_length(v.level)::varchar || ':' || v.level, '-')
    ) as user_hash,
    row_number() over (
      partition by v.user_id, v.object_id
      order by v.event_at desc, v.session_id desc, v.item_in_session desc, v.ordinal desc
    ) as preference
  from (
    select
      'bucket' as source, object_id, ordinal, line_number, user_id, start_time as event_at, session_id, item_in_session,
      first_name, last_name, gender, level
    from reload_events
    union all
    select
      'star', object_id, 0, line_number, user_id, event_at, session_id, item_in_session, first_name, last_name, gender, level
    from user_sources
  ) v
  left join known_files f on f.object_id = v.object_id
  where v.object_id is null
     or (f.status = 'live' and f.is_read = (v.source = 'bucket'))
) ranked
where ranked.preference = 1;

create table reload_users as
select
  ranked.user_id, ranked.first_name, ranked.last_name, ranked.gender, ranked.level, ranked.event_at as last_event_at,
  ranked.session_id as last_session_id, ranked.item_in_session as last_item_in_session,
  case when ranked.has_lineage then ranked.object_id end as object_id,
  case when ranked.has_lineage then ranked.line_number end as line_number
from (
  select
    o.*,
    row_number() over (
      partition by o.user_id
      order by
        o.event_at desc,
        o.session_id desc,
        o.item_in_session desc,
        case when o.user_hash = o.newest_hash then 0 else 1 end,
        case when o.is_named = 1 then 0 else 1 end,
        case when o.has_lineage then 0 else 1 end,
        o.age
    ) as place
  from (
    select
      c.user_id, c.object_id, c.line_number, c.event_at, c.session_id, c.item_in_session, c.first_name, c.last_name,
      c.gender, c.level, c.user_hash, c.has_lineage, c.age,
      u.is_named,
      first_value(c.user_hash) over (
        partition by c.user_id
        order by c.event_at desc, c.session_id desc, c.item_in_session desc, c.age
        rows between unbounded preceding and unbounded following
      ) as newest_hash
    from user_candidates c
    left join (
      select distinct user_id, object_id, line_number, 1 as is_named
      from users
    ) u on u.user_id = c.user_id and u.object_id = c.object_id and u.line_number = c.line_number
  ) o
) ranked
where ranked.place = 1;

create table reload_time as
select distinct
  start_time,
  date_part(hour, start_time)::smallint as hour,
  date_part(day, start_time)::smallint as day,
  date_part(week, start_time)::smallint as week,
  date_part(month, start_time)::smallint as month,
  date_part(year, start_time)::smallint as year,
  date_part(dow, start_time)::smallint as weekday
from reload_songplays;
