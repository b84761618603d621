-- Purpose: objects that were set aside for another reason than their content when their notices came, and that a backfill
--          has read now: their entries are solved. A notice of the version that was read, or of an older one, which was
--          overwritten before it was read.
-- Needs:   staging; part of backfills only.
-- Reads:   ingest_files by object_id (distribution key: the join moves no row of it). No sort key helps here, as in
--          load/know/30_known_backfill.sql.
-- Again:   an entry that is solved is not set aside any more.

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
