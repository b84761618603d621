-- Purpose: inserts the ledger entries of the batch's files, in the transaction that publishes their rows.
-- Reads:   ingest_files within the batch's ranges of event_time, as 10_known.sql does.
-- Again:   existing entries stay; 50_changed_files.sql updates those that may change.
-- Version: file_id is that of the notification, so that a redelivery is recognised. etag, size and last_modified are those of the
--          version that S3 delivered, or else those of the notification.

insert into ingest_files (
  file_id, object_id, bucket, object_key, etag, version_id, sequencer, size, event_time, last_modified, dataset, status,
  batch_id, attempts, error_code, reason, first_seen_at, settled_at
)
select
  s.file_id,
  s.object_id,
  s.bucket,
  s.object_key,
  s.etag,
  s.version_id,
  s.sequencer,
  s.size,
  s.event_time,
  s.last_modified,
  {{dataset}},
  s.status,
  {{batch_id}},
  1,
  s.error_code,
  s.reason,
  getdate(),
  getdate()
from sparkify_staging s
left join ingest_files f on f.file_id = s.file_id and {{f.event_time in event_times}}
where s.kind = 'F'
  and f.file_id is null;
