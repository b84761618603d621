-- Purpose: updates the entries of objects that were quarantined or missing for another reason than their content, and that a
--          backfill has now read: entries of the version that was read, and of older versions, which were overwritten before they
--          were read.
-- Needs:   staging. Only in backfills.
-- Reads:   ingest_files by object_id, as load/know/30_known_backfill.sql does.
-- Again:   updated entries are not quarantined any more.

update ingest_files
set status = 'loaded',
    etag = r.etag,
    size = r.size,
    last_modified = r.last_modified,
    batch_id = {{batch_id}},
    attempts = ingest_files.attempts + 1,
    error_code = null,
    reason = null,
    settled_at = getdate()
from (
  select s.object_id, s.etag, s.size, s.last_modified
  from sparkify_staging s
  where s.kind = 'F'
    and s.status = 'loaded'
) r
where ingest_files.object_id = r.object_id
  and ingest_files.status = 'quarantined'
  and ingest_files.error_code not in ('not_json_objects', 'gzip_invalid', 'inflated_too_large')
  and (ingest_files.etag = r.etag or date_trunc('second', ingest_files.event_time) <= r.last_modified);
