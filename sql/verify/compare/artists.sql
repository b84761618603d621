-- Purpose: how artists differs from the reload, both ways; the batch and the bookkeeping columns are no part of it.
-- Result:  counts (a key that is there twice shows as fewer keys than rows); then the rows of the first twenty keys.

create table different_artists as
with star as (
  select artist_id, name, location, latitude, longitude
  from artists
),
reload as (
  select artist_id, name, location, latitude, longitude
  from reload_artists
)
select star_only.*, 'star' as side
from (select * from star except select * from reload) star_only
union all
select reload_only.*, 'reload' as side
from (select * from reload except select * from star) reload_only;

select
  (select count(*) from artists) as star_rows,
  (select count(distinct artist_id) from artists) as star_keys,
  (select count(*) from reload_artists) as reload_rows,
  (select count(*) from different_artists where side = 'star') as star_only,
  (select count(*) from different_artists where side = 'reload') as reload_only;

select d.*
from different_artists d
where d.artist_id in (
  select artist_id
  from different_artists
  group by artist_id
  order by artist_id
  limit 20
)
order by d.artist_id, d.side desc;
