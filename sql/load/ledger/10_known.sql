-- Purpose: the file events of the batch that are settled already (redelivered notifications), and the objects of the batch that
--          have another live version, with the times of its rows. With is_live 0, only the files that this batch settled in a
--          commit whose reply was lost: a backfill asked for the others before it read, and a reload reads them again.
-- Needs:   staging and sparkify_objects.
-- Reads:   ingest_files within the batch's ranges of event_time; a redelivery has the time of the first delivery. The ranges are
--          literals, so that the zone maps of the sort key skip the rest: a block holds the ids (32 bytes) of 32,768 files, and a
--          day of 10,000 files is one or two blocks per column and slice, however long the ledger is.
-- Open:    is_open: ingest_open has an entry of the object, which this batch ends.
-- Result:  file_number; status and batch_id of a settled file (the batch's own id: the batch was committed before); for an object
--          with a live version: whether its rows are replaced (change), its status, and the count and times of the live version's rows (null:
--          no rows).

select
  s.file_number,
  f.status,
  f.batch_id,
  o.change,
  o.was_status,
  o.object_key,
  o.was_rows_kept,
  to_char(o.was_first_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as was_first_event_at,
  to_char(o.was_last_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as was_last_event_at,
  case when n.object_id is null then 0 else 1 end as is_open
from sparkify_staging s
left join ingest_files f
  on f.file_id = s.file_id
  and {{f.event_time in event_times}}
  and (
    {{is_live}} = 1
    or f.batch_id = {{batch_id}}
  )
left join sparkify_objects o on o.file_number = s.file_number and o.change <> 'new'
left join ingest_open n on n.object_id = s.object_id
where s.kind = 'F'
  and (f.file_id is not null or o.object_id is not null or n.object_id is not null);
