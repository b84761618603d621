-- Purpose: inserts the objects of the batch that a person should look at: quarantined ones, and loaded ones with rejected rows. Only
--          in a publish with such objects.
-- Counts:  rows_rejected counts all rejected rows of the object, also those that are not stored.
-- Reads:   ingest_open, which is small.
-- Again:   an open entry that is there stays: another batch found it after the stage step.

insert into ingest_open (
  object_id, dataset, bucket, object_key, status, error_code, reason, rows_rejected, batch_id, settled_at
)
select
  f.object_id, {{dataset}}, f.bucket, f.object_key, f.status, f.error_code, f.reason, f.rows_rejected, {{batch_id}}, getdate()
from (
  select
    s.object_id, s.bucket, s.object_key, s.status, s.error_code, s.reason, s.rows_rejected,
    row_number() over (partition by s.object_id order by s.file_number) as preference
  from sparkify_staging s
  where s.kind = 'F'
    and s.status in ('loaded', 'quarantined')
) f
left join ingest_open o on o.object_id = f.object_id
where f.preference = 1
  and o.object_id is null
  and (f.status = 'quarantined' or f.rows_rejected > 0);
