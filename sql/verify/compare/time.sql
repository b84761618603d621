-- Purpose: how time differs from the reload, both ways; the batch and the bookkeeping columns are no part of it.
-- Result:  counts (a key that is there twice shows as fewer keys than rows); then the rows of the first twenty keys.

create table different_time as
with star as (
  select start_time, hour, day, week, month, year, weekday
  from time
),
reload as (
  select start_time, hour, day, week, month, year, weekday
  from reload_time
)
select star_only.*, 'star' as side
from (select * from star except select * from reload) star_only
union all
select reload_only.*, 'reload' as side
from (select * from reload except select * from star) reload_only;

select
  (select count(*) from time) as star_rows,
  (select count(distinct start_time) from time) as star_keys,
  (select count(*) from reload_time) as reload_rows,
  (select count(*) from different_time where side = 'star') as star_only,
  (select count(*) from different_time where side = 'reload') as reload_only;

select d.*
from different_time d
where d.start_time in (
  select start_time
  from different_time
  group by start_time
  order by start_time
  limit 20
)
order by d.start_time, d.side desc;
