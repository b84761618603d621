-- Purpose: how users differs from the reload, both ways; the batch and the bookkeeping columns are no part of it.
-- Result:  counts (a key that is there twice shows as fewer keys than rows); then the rows of the first twenty keys.

create table different_users as
with star as (
  select user_id, first_name, last_name, gender, level, last_event_at
  from users
),
reload as (
  select user_id, first_name, last_name, gender, level, last_event_at
  from reload_users
)
select star_only.*, 'star' as side
from (select * from star except select * from reload) star_only
union all
select reload_only.*, 'reload' as side
from (select * from reload except select * from star) reload_only;

select
  (select count(*) from users) as star_rows,
  (select count(distinct user_id) from users) as star_keys,
  (select count(*) from reload_users) as reload_rows,
  (select count(*) from different_users where side = 'star') as star_only,
  (select count(*) from different_users where side = 'reload') as reload_only;

select d.*
from different_users d
where d.user_id in (
  select user_id
  from different_users
  group by user_id
  order by user_id
  limit 20
)
order by d.user_id, d.side desc;
