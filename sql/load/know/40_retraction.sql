-- Purpose: counts what a retraction of objects would change: the rows that name the objects, and those of them that other objects
--          have too. Also counts the objects whose rows a program older than schema/010 loaded, with one of their keys: these rows
--          name no object, so nobody knows which ones to remove.
-- Reads:   object_id of all of songplays and play_rivals, without a range of time; object_id of ingest_files. Only a person asks
--          this, rarely.
-- Result:  one row.

select
  p.plays,
  p.plays_of_others,
  u.users,
  s.songs,
  l.live,
  w.without_lineage,
  w.without_lineage_key
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
) l
cross join (
  select count(distinct e.object_id) as without_lineage, min(e.object_key) as without_lineage_key
  from ingest_files e
  join sparkify_listed_files f on f.object_id = e.object_id
  left join ingest_objects o on o.object_id = e.object_id
  where e.status = 'loaded'
    and o.object_id is null
) w;
