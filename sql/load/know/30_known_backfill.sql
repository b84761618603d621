-- Purpose: which listed objects are settled already, whoever settled them. A listing has no sequencer, so the question is
--          by object and etag, and whether the listed version is the live one: a version that was replaced can be there again, with its
--          old last-modified, and S3 announces that to nobody. Seconds, because S3 gives last-modified in seconds on a read.
--          Of a log that a program of before schema/010 loaded the live version is not known: its entry has to be as new as the listing.
--          What was read and cannot be loaded is not read again, because it would be the same again; a version that a person
--          retracted is not either. Whatever else was set
--          aside is: what S3 did not deliver, what the warehouse refused, and what earlier versions of the program could not
--          read.
--          A listed object is not missing, and one that lies below a dataset's prefix now is not ignored, whatever was
--          said of it before. An object of which any version was set aside for another reason than its content is read again, too, so
--          that its entry is solved.
-- Reads:   ingest_files by object_id (distribution key: the join moves no row of it). No sort key helps here: the columns
--          object_id, etag, status and two times of the whole ledger are read once a batch, about 100 bytes a
--          file, a block per 10,000 files. A backfill's batches are large and few; live batches never ask this way. ingest_objects by object_id.
-- Result:  file_number, status and batch_id of a settled object of the batch; the batch's own id means that the batch was
--          committed before.

select b.file_number, min(f.status) as status, min(f.batch_id) as batch_id
from listed_files b
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
