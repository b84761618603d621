-- Purpose: the listed objects that are settled already. A listing has no sequencer, so an object is known by object and etag, if
--          the listed version is the live one. (A replaced version can become the current one again with its old last-modified,
--          and S3 sends no notification of that.) Times are compared in seconds, because S3 gives last-modified in seconds on a
--          read. A log that a program older than schema/010 loaded has no live version: its entry has to be as new as the
--          listing.
-- Known:   also an object whose content could not be loaded, because reading it again gives the same result, and a version that a
--          person retracted. Other quarantined objects are read again: objects that S3 did not deliver, that the warehouse
--          refused, or that an earlier version of the program could not read. So are objects with any such entry, so that the
--          entry is updated. A listed object is not missing, and an object below a dataset's prefix is not ignored, whatever an
--          older entry says.
-- Reads:   ingest_files by object_id (distribution key: the join moves none of its rows), without help of a sort key: object_id,
--          etag, status and two times of the whole ledger once per look-up, about 100 bytes per file, a block per 10,000 files.
--          A backfill asks for up to 5,000 files at once, and again after a minute; live batches never ask this way. ingest_objects by object_id.
-- Result:  file_number, status ('retracted': a person retracted the version) and batch_id of each settled object of the batch. The batch's own id means that the batch was
--          committed before.

select
  b.file_number,
  case
    when max(case when i.status = 'retracted' and i.etag = b.etag and i.last_modified = date_trunc('second', b.event_time) then 1 else 0 end) = 1 then 'retracted'
    else min(f.status)
  end as status,
  min(f.batch_id) as batch_id
from sparkify_listed_files b
join ingest_files f on f.object_id = b.object_id and f.etag = b.etag
left join ingest_objects i on i.object_id = b.object_id
left join ingest_files q
  on q.object_id = b.object_id
  and q.status = 'quarantined'
  and q.error_code not in ('not_json_objects', 'gzip_invalid', 'inflated_too_large')
where q.object_id is null
  and (
    f.status = 'quarantined'
    or (
      i.object_id is null
      and f.status = 'loaded'
      and date_trunc('second', coalesce(f.last_modified, f.event_time)) >= date_trunc('second', b.event_time)
    )
    or (
      i.status in ('live', 'retracted')
      and f.status in ('loaded', 'superseded')
      and i.etag = b.etag
      and i.last_modified = date_trunc('second', b.event_time)
    )
  )
group by b.file_number;
