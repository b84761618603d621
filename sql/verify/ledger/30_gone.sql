-- Purpose: files that were loaded and are not in the bucket any more. Their rows stay (the star keeps every event it has
--          seen), so a reload lacks them: worth knowing, no error. A song file that was replaced is not gone.
-- Result:  the number of them on every row, and the first twenty.

select g.object_key, g.dataset, count(*) over () as gone
from (
  select f.object_key, f.dataset
  from ingest_files f
  left join listed_objects l
    on l.object_key = f.object_key
    and l.bucket = f.bucket
    and (l.etag = f.etag or f.dataset = 'songs')
  where f.status = 'loaded'
    and f.dataset in ('logs', 'songs')
    and l.object_key is null
  group by f.object_key, f.dataset
) g
order by g.object_key
limit 20;
