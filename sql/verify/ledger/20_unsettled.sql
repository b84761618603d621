-- Purpose: objects of the bucket whose fate the ledger does not know: nothing has loaded them, and nothing says why.
-- Result:  the number of them on every row, and the first twenty.

select u.object_key, u.dataset, u.size, count(*) over () as files
from (
  select l.object_key, l.dataset, l.size
  from listed_objects l
  left join ingest_files f
    on f.object_key = l.object_key
    and f.bucket = l.bucket
    and f.etag = l.etag
  where f.file_id is null
  group by l.object_key, l.dataset, l.size
) u
order by u.object_key
limit 20;
