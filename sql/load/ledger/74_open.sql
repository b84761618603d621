-- Purpose: inserts the objects of the batch that a person should look at: quarantined ones, and loaded ones with rejected rows. Only
--          in a publish with such objects.
-- Bound:   rows_rejected counts the rejected rows with a text, which are at most as many as the setting says for a batch.
-- Reads:   ingest_open, which is small.
-- Again:   an open entry that is there stays: another batch found it after the stage step.

insert into ingest_open (
  object_id, dataset, bucket, object_key, status, error_code, reason, rows_rejected, batch_id, settled_at
)
select
  f.object_id, {{dataset}}, f.bucket, f.object_key, f.status, f.error_code, f.reason, coalesce(r.rejected, 0), {{batch_id}},
  getdate()
from (
  select
    s.object_id, s.bucket, s.object_key, s.status, s.error_code, s.reason, s.file_number,
    row_number() over (partition by s.object_id order by s.file_number) as preference
  from sparkify_staging s
  where s.kind = 'F'
    and s.status in ('loaded', 'quarantined')
) f
left join (
  select j.file_number, count(*) as rejected
  from sparkify_staging j
  where j.kind = 'R'
  group by j.file_number
) r on r.file_number = f.file_number
left join ingest_open o on o.object_id = f.object_id
where f.preference = 1
  and o.object_id is null
  and (f.status = 'quarantined' or r.rejected > 0);
