-- Purpose: the number of objects of a dataset that have rows in the star, and of those that lost their rows by a deletion in the
--          last hour, for the limit on removals.
-- Reads:   dataset and status of ingest_objects, a fraction of a byte per object; ingest_batches since the day before the batch was
--          opened (literal, sort key). Only when a batch removes many objects, or when others removed some meanwhile.
-- Result:  one row.

select l.live, r.lately
from (
  select count(*) as live
  from ingest_objects
  where dataset = {{dataset}}
    and status = 'live'
) l
cross join (
  select coalesce(sum(b.objects_removed), 0) as lately
  from ingest_batches b
  where b.dataset = {{dataset}}
    and b.published_at >= {{not_before}}
    and b.published_at >= dateadd(hour, -1, getdate())
) r;
