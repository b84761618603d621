-- Purpose: which file events of the batch are settled already (redelivered notices), and which objects of the batch have another live
--          version, with the times between which that one's rows lie. A backfill has asked for the events before it read (knows 0); a replay asks about
--          what is loaded or ignored only: what was set aside is what a replay is for (knows 1). Everybody is told what this very batch settled in a commit that nobody heard of.
-- Needs:   staging and batch_objects.
-- Reads:   the part of ingest_files within the batch's ranges of event_time; a redelivery carries the first delivery's time.
--          The ranges stand as literals, so that the zone maps of the sort key leave the rest unread: a block holds the
--          ids (32 bytes) of 32,768 files, a day of 10,000 files is one or two blocks a column and slice, whether the
--          ledger has thousands of files or billions.
-- Result:  file_number; of a settled file status and batch_id, and the batch's own id means that the batch was committed
--          before; of an object that has a live version whether its rows are replaced (change), and that version's count and times (null: no rows).

select
  s.file_number,
  f.status,
  f.batch_id,
  o.change,
  o.object_key,
  o.was_rows_kept,
  to_char(o.was_first_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as was_first_event_at,
  to_char(o.was_last_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as was_last_event_at
from sparkify_staging s
left join ingest_files f
  on f.file_id = s.file_id
  and {{f.event_time in event_times}}
  and (
    {{knows}} = 2
    or ({{knows}} = 1 and f.status not in ('quarantined', 'missing'))
    or f.batch_id = {{batch_id}}
  )
left join batch_objects o on o.file_number = s.file_number and o.change <> 'new'
where s.kind = 'F'
  and (f.file_id is not null or o.object_id is not null);
