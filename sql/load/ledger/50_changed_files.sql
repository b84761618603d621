-- Purpose: updates the entries of the batch's files that were quarantined or missing, and are now loaded or quarantined for
--          another reason; and of versions that were superseded and are live again, because the object was restored.
-- Needs:   staging. Only in a publish that may have such entries: the stage step saw one, the batch replaces versions (after
--          38_superseded_files.sql), or a publish was rolled back.
-- Reads:   ingest_files within the batch's ranges of event_time, as 10_known.sql does.
-- Again:   an entry that has the batch's values stays.

update ingest_files
set status = s.status,
    etag = s.etag,
    size = s.size,
    last_modified = s.last_modified,
    batch_id = {{batch_id}},
    attempts = ingest_files.attempts + 1,
    error_code = s.error_code,
    reason = s.reason,
    settled_at = getdate()
from (
  select f.file_id, f.status, f.etag, f.size, f.last_modified, f.error_code, f.reason
  from sparkify_staging f
  where f.kind = 'F'
) s
where ingest_files.file_id = s.file_id
  and {{ingest_files.event_time in event_times}}
  and (
    (ingest_files.status in ('quarantined', 'missing') and s.status in ('loaded', 'removed'))
    or (
      ingest_files.status in ('quarantined', 'missing')
      and s.status = 'quarantined'
      and s.error_code <> coalesce(ingest_files.error_code, '')
    )
    or (ingest_files.status = 'superseded' and s.status = 'loaded')
  );
