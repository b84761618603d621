-- Purpose: log files of the bucket that the ledger set aside as unreadable. A reload cannot read them either, so they
--          stay out of it and are named.
-- Result:  object_key, reason; an object that was loaded after all (released, replaced) is not among them.

select l.object_key, max(f.reason) as reason
from listed_objects l
join ingest_files f
  on f.object_key = l.object_key
  and f.bucket = l.bucket
  and f.etag = l.etag
where l.dataset = 'logs'
group by l.object_key
having sum(case when f.status = 'loaded' then 1 else 0 end) = 0
   and sum(case when f.status = 'quarantined' then 1 else 0 end) > 0
order by l.object_key;
