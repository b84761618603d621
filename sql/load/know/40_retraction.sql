-- Purpose: counts what a retraction of objects would change: the rows that name the objects, and those of them that other objects
--          have too.
-- Reads:   object_id of all of songplays and play_rivals, without a range of time. Only a person asks this, rarely.
-- Result:  one row.

select
  p.plays,
  p.plays_of_others,
  u.users,
  s.songs,
  l.live
from (
  select
    count(*) as plays,
    coalesce(sum(case when r.songplay_id is null then 0 else 1 end), 0) as plays_of_others
  from songplays s
  join sparkify_listed_files f on f.object_id = s.object_id
  left join (
    select distinct v.songplay_id
    from play_rivals v
    left join sparkify_listed_files g on g.object_id = v.object_id
    where g.object_id is null
  ) r on r.songplay_id = s.songplay_id
) p
cross join (
  select count(*) as users
  from users u
  join sparkify_listed_files f on f.object_id = u.object_id
) u
cross join (
  select count(*) as songs
  from songs s
  join sparkify_listed_files f on f.object_id = s.source_id
) s
cross join (
  select count(*) as live
  from ingest_objects o
  join sparkify_listed_files f on f.object_id = o.object_id
  where o.status = 'live'
) l;
