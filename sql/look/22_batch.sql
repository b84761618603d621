-- Purpose: one batch, with the columns of 20_batches.sql.

select
  b.batch_id, b.dataset, b.source, b.close_reason, b.consumer, b.files, b.bytes, b.rows_staged, b.rows_rejected,
  b.rows_inserted, b.rows_updated, b.rows_repaired, b.rows_removed, b.objects_added, b.rested_ms, b.manifest_uri, b.query_ids,
  b.operator, b.action, b.why,
  to_char(b.opened_at, 'YYYY-MM-DD HH24:MI:SS.MS') as opened_at,
  to_char(b.closed_at, 'YYYY-MM-DD HH24:MI:SS.MS') as closed_at,
  to_char(b.read_at, 'YYYY-MM-DD HH24:MI:SS.MS') as read_at,
  to_char(b.staged_at, 'YYYY-MM-DD HH24:MI:SS.MS') as staged_at,
  to_char(b.published_at, 'YYYY-MM-DD HH24:MI:SS.MS') as published_at
from ingest_batches b
where b.batch_id = {{batch_id}};
