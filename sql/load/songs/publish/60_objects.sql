-- Purpose: the live versions of the batch's song objects, with the number of their songs.
-- Guard:   as in load/logs/publish/40_objects.sql.

insert into ingest_objects (object_id, dataset, bucket, object_key, etag, last_modified, status, rows_kept, batch_id)
select
  o.object_id,
  'songs',
  o.bucket,
  o.object_key,
  case when o.status = 'live' then o.etag else coalesce(o.was_etag, '') end,
  case when o.status = 'live' then o.last_modified else coalesce(o.was_last_modified, timestamp 'epoch') end,
  o.status,
  coalesce(k.rows_kept, 0),
  {{batch_id}}
from sparkify_objects o
left join (
  select b.source_id, count(*) as rows_kept
  from sparkify_sources b
  group by b.source_id
) k on k.source_id = o.object_id
where o.change <> 'same';
