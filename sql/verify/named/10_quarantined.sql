-- Purpose: objects of the bucket that are quarantined as unreadable, and that this comparison could not read either.
-- Result:  object_id, reason; without objects that were loaded later (released, replaced).

select l.object_id, max(f.reason) as reason
from listed_objects l
join ingest_files f
  on f.object_id = l.object_id
  and f.etag = l.etag
where l.is_part
  and not l.is_read
group by l.object_id
having sum(case when f.status = 'loaded' then 1 else 0 end) = 0
   and sum(case when f.status = 'quarantined' then 1 else 0 end) > 0;
