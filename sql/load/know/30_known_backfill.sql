-- Purpose: which listed objects are settled already, whoever settled them. A listing has no sequencer, so the question is
--          by object and etag; for songs the version must also be as new as the listed one, because content that is put
--          again becomes the newest version. Seconds, because S3 gives last-modified in seconds on a read.
--          What was read and cannot be loaded is not read again, because it would be the same again. Whatever else was set
--          aside is: what S3 did not deliver, what the warehouse refused, and what earlier versions of the program could not
--          read.
--          A listed object is not missing, and one that lies below a dataset's prefix now is not ignored, whatever was
--          said of it before. An object of which any version was set aside for another reason than its content is read again, too, so
--          that its entry is solved.
-- Reads:   ingest_files by object_id (distribution key: the join moves no row of it). No sort key helps here: the columns
--          object_id, etag, status, dataset and two times of the whole ledger are read once a batch, about 100 bytes a
--          file, a block per 10,000 files. A backfill's batches are large and few; live batches never ask this way.
-- Result:  file_number, status and batch_id of a settled object of the batch; the batch's own id means that the batch was
--          committed before.

select b.file_number, min(f.status) as status, min(f.batch_id) as batch_id
from listed_files b
join ingest_files f on f.object_id = b.object_id and f.etag = b.etag
left join ingest_files q
  on q.object_id = b.object_id
  and q.status = 'quarantined'
  and q.error_code not in ('not_json_objects', 'gzip_invalid', 'inflated_too_large')
where q.object_id is null
  and f.status not in ('missing', 'ignored')
  and (
    f.dataset <> 'songs'
    or date_trunc('second', coalesce(f.last_modified, f.event_time)) >= date_trunc('second', b.event_time)
  )
group by b.file_number;
