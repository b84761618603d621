-- Purpose: the live versions of the batch's objects, with the number of their rows and a checksum: the sum of the first 15
--          hexadecimal digits of the MD5 of each row's values, as numbers.
-- Guard:   if another transaction made another version live after the stage step, its row is beside this one, and the guard in
--          ledger/80_batch.sql ends the transaction.

insert into ingest_objects (
  object_id, dataset, bucket, object_key, etag, last_modified, status, rows_kept, rows_sum, first_event_at, last_event_at,
  batch_id
)
select
  o.object_id,
  'logs',
  o.bucket,
  o.object_key,
  case when o.status = 'live' then o.etag else coalesce(o.was_etag, '') end,
  case when o.status = 'live' then o.last_modified else coalesce(o.was_last_modified, timestamp 'epoch') end,
  o.status,
  coalesce(r.rows_kept, 0),
  coalesce(r.rows_sum, 0),
  r.first_event_at,
  r.last_event_at,
  {{batch_id}}
from sparkify_objects o
left join (
  select
    k.object_id,
    count(*) as rows_kept,
    sum(strtol(left(k.row_hash, 15), 16)::decimal(38, 0)) as rows_sum,
    min(k.start_time) as first_event_at,
    max(k.start_time) as last_event_at
  from (
    select b.object_id, b.play_hash as row_hash, b.start_time
    from sparkify_plays b
    union all
    select u.object_id, u.user_hash as row_hash, u.start_time
    from sparkify_users u
  ) k
  group by k.object_id
) r on r.object_id = o.object_id
where o.change <> 'same';
