-- Purpose: the counts of a retraction and the size of its tables. Also counts the objects whose rows a program older than
--          schema/010 loaded, with one of their keys: these rows do not name an object, so the rows to remove are not known.
-- Reads:   the number of rows of songplays and songs; object_id of ingest_files. Only a person asks this, rarely.
-- Result:  one row.

select r.counts_as_planned, p.songplays, s.songs, w.without_lineage, w.without_lineage_key
from sparkify_retraction r
cross join (
  select count(*) as songplays
  from songplays
) p
cross join (
  select count(*) as songs
  from songs
) s
cross join (
  select count(distinct e.object_id) as without_lineage, min(e.object_key) as without_lineage_key
  from ingest_files e
  join sparkify_listed_files f on f.object_id = e.object_id
  left join ingest_objects o on o.object_id = e.object_id
  where e.status = 'loaded'
    and o.object_id is null
) w;
