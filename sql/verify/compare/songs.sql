-- Purpose: how songs differs from the reload, both ways; the batch and the bookkeeping columns are no part of it.
-- Result:  counts (a key that is there twice shows as fewer keys than rows); then the rows of the first twenty keys.

create table different_songs as
with star as (
  select song_id, title, artist_id, year, duration
  from songs
),
reload as (
  select song_id, title, artist_id, year, duration
  from reload_songs
)
select star_only.*, 'star' as side
from (select * from star except select * from reload) star_only
union all
select reload_only.*, 'reload' as side
from (select * from reload except select * from star) reload_only;

select
  (select count(*) from songs) as star_rows,
  (select count(distinct song_id) from songs) as star_keys,
  (select count(*) from reload_songs) as reload_rows,
  (select count(*) from different_songs where side = 'star') as star_only,
  (select count(*) from different_songs where side = 'reload') as reload_only;

select d.*
from different_songs d
where d.song_id in (
  select song_id
  from different_songs
  group by song_id
  order by song_id
  limit 20
)
order by d.song_id, d.side desc;
