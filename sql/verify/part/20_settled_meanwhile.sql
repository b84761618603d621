-- Purpose: the objects that were settled while the comparison ran, by batches that were not committed when it began.
-- Needs:   batches_before (verify/scratch/40_create_tables.sql).
-- Result:  object_id, at most 100,001: one more than the program looks at again.

select distinct f.object_id
from ingest_files f
left join batches_before b on b.batch_id = f.batch_id
where f.settled_at >= (select dateadd(day, -1, max(started_at)) from sparkify_verify_run)
  and b.batch_id is null
limit 100001;
