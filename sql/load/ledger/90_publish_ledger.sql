-- Purpose: the ledger entries, in the transaction that publishes the rows: files, rejected rows, the batch.
-- Needs:   batch_files, batch_outcomes, batch_rejects, batch_counts (one row: rows_staged,
--          rows_rejected, rows_inserted, rows_updated, rows_repaired).
-- Reads:   ingest_files within the batch's range of event_time (literals, sort key), ingest_batches since the day before
--          the batch was opened (literal, sort key): the zone maps leave a block or two a column and slice, however long
--          the ledger. rejected_rows by rejected_id, which no sort key helps to find: one column of 32 bytes a row, a
--          block per 32,768 rows ever rejected.
-- Again:   an entry that is there stays, unless it was quarantined or missing and is loaded now, or is set aside for another
--          reason now; a rejected row is known by its object, line and content.
-- Version: file_id is that of the notice, so that a redelivery is recognised. etag, size and last_modified are those of the
--          version that S3 delivered, where the loader read it; a notice only says what it says.
-- Live:    consumers whose live batches were published in the last ten minutes, so that each rests for its share.
-- Bound:   so many rejected rows of a batch are kept as the setting says, every file and every reason in turn;
--          rows_rejected counts all.

update ingest_files
set status = c.status,
    etag = c.etag,
    size = c.size,
    last_modified = c.last_modified,
    batch_id = {{batch_id}},
    attempts = ingest_files.attempts + 1,
    error_code = c.error_code,
    reason = c.reason,
    settled_at = getdate()
from (
  select
    b.file_id,
    coalesce(o.status, 'loaded') as status,
    coalesce(o.etag, b.etag) as etag,
    coalesce(o.size, b.size) as size,
    dateadd(ms, (o.last_modified_ms % 60000)::integer, dateadd(minute, (o.last_modified_ms / 60000)::integer, '1970-01-01 00:00:00'::timestamp)) as last_modified,
    o.error_code,
    o.reason
  from batch_files b
  left join batch_outcomes o on o.file_number = b.file_number
) c
where ingest_files.file_id = c.file_id
  and ingest_files.event_time between {{min_event_time}} and {{max_event_time}}
  and ingest_files.status in ('quarantined', 'missing')
  and (c.status = 'loaded' or (c.status = 'quarantined' and c.error_code <> coalesce(ingest_files.error_code, '')));

insert into ingest_files (
  file_id, object_id, bucket, object_key, etag, version_id, sequencer, size, event_time, last_modified, dataset, status,
  batch_id, attempts, error_code, reason, first_seen_at, settled_at
)
select
  b.file_id,
  b.object_id,
  b.bucket,
  b.object_key,
  coalesce(o.etag, b.etag),
  b.version_id,
  b.sequencer,
  coalesce(o.size, b.size),
  dateadd(ms, (b.event_time_ms % 60000)::integer, dateadd(minute, (b.event_time_ms / 60000)::integer, '1970-01-01 00:00:00'::timestamp)),
  dateadd(ms, (o.last_modified_ms % 60000)::integer, dateadd(minute, (o.last_modified_ms / 60000)::integer, '1970-01-01 00:00:00'::timestamp)),
  {{dataset}},
  coalesce(o.status, 'loaded'),
  {{batch_id}},
  1,
  o.error_code,
  o.reason,
  getdate(),
  getdate()
from batch_files b
left join batch_outcomes o on o.file_number = b.file_number
left join ingest_files f
  on f.file_id = b.file_id and f.event_time between {{min_event_time}} and {{max_event_time}}
where f.file_id is null;

insert into rejected_rows (
  rejected_id, batch_id, dataset, bucket, object_key, line_number, row_text, column_name, reason, rejected_at
)
select k.rejected_id, {{batch_id}}, {{dataset}}, k.bucket, k.object_key, k.line_number, k.row_text, k.column_name, k.reason, getdate()
from (
  select t.*, row_number() over (order by t.turn, t.rejected_id) as place
  from (
    select
      r.*,
      row_number() over (partition by r.object_key, r.column_name, r.reason order by r.line_number, r.rejected_id) as turn
    from batch_rejects r
  ) t
) k
left join rejected_rows known on known.rejected_id = k.rejected_id
where known.rejected_id is null
  and k.place <= {{rejected_rows_max}};

insert into ingest_batches (
  batch_id, dataset, source, close_reason, files, bytes, rows_staged, rows_rejected, rows_inserted, rows_updated,
  rows_repaired, opened_at, closed_at, known_at, staged_at, published_at, consumer, manifest_uri, query_ids,
  rested_ms
)
select
  {{batch_id}},
  {{dataset}},
  {{source}},
  {{close_reason}},
  {{files}},
  {{bytes}},
  c.rows_staged,
  c.rows_rejected,
  c.rows_inserted,
  c.rows_updated,
  c.rows_repaired,
  {{opened_at}},
  {{closed_at}},
  {{known_at}},
  {{staged_at}},
  getdate(),
  {{consumer}},
  {{manifest_uri}},
  {{query_ids}},
  {{rested_ms}}
from batch_counts c
where not exists (
  select 1
  from ingest_batches b
  where b.batch_id = {{batch_id}}
    and b.published_at >= {{not_before}}
);

select
  c.rows_staged,
  c.rows_rejected,
  c.rows_inserted,
  c.rows_updated,
  c.rows_repaired,
  l.live_consumers
from batch_counts c
cross join (
  select count(distinct b.consumer) as live_consumers
  from ingest_batches b
  where b.source = 'live'
    and b.published_at >= {{not_before}}
    and b.published_at >= dateadd(minute, -10, getdate())
) l;
