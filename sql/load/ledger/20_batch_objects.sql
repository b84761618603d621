-- Purpose: the objects of the batch that were read or are gone, each with its live version. Two notifications of an object are
--          one read.
-- Change:  'new': the object has no live version. 'same': the live version is the one that was read, or a person retracted this
--          version; nothing has to be done. 'newer': the live version is another one, and its rows are replaced; or the object is
--          gone. An object that is gone without a live version is recorded too, so that a transaction that read it earlier cannot
--          be published after this one. Two versions are only compared for equality: S3 has said which one is current.
-- Reload:  with reloads 1, all objects count as changed, so that rows get the object and line that they lack; rows that have them
--          stay as they are. With undoes_retraction 1, also versions that a person retracted.
-- Reads:   ingest_objects by object_id (distribution key and sort key): 31 blocks of object_id per million objects, and the
--          matching blocks of the other columns. Grows with the objects, not with plays.

create temp table sparkify_objects as
select
  f.object_id,
  f.file_number,
  f.bucket,
  f.object_key,
  f.etag,
  f.last_modified,
  case when f.status = 'loaded' then 'live' when f.error_code = 'retracted' then 'retracted' else 'removed' end as status,
  case
    when o.object_id is null and f.status = 'loaded' then 'new'
    when f.status = 'removed' and o.status <> 'live' then 'same'
    when f.status = 'loaded' and o.status <> 'removed' and o.etag = f.etag and o.last_modified = f.last_modified and case o.status when 'retracted' then {{undoes_retraction}} else {{reloads}} end = 0 then 'same'
    else 'newer'
  end as change,
  o.status as was_status,
  o.etag as was_etag,
  o.last_modified as was_last_modified,
  o.rows_kept as was_rows_kept,
  o.first_event_at as was_first_event_at,
  o.last_event_at as was_last_event_at,
  o.batch_id as was_batch_id
from (
  select
    s.object_id, s.file_number, s.bucket, s.object_key, s.etag, s.last_modified, s.status, s.error_code,
    row_number() over (partition by s.object_id order by s.file_number) as preference
  from sparkify_staging s
  where s.kind = 'F'
    and s.status in ('loaded', 'removed')
) f
left join ingest_objects o on o.object_id = f.object_id
where f.preference = 1;
