-- Purpose: which file events of the batch are settled already (redelivered notices). A replay asks about what is loaded or
--          ignored only: what was set aside is what a replay is for.
-- Reads:   the part of ingest_files within the batch's ranges of event_time; a redelivery carries the first delivery's time.
--          The ranges stand as literals, so that the zone maps of the sort key leave the rest unread: a block holds the
--          ids (32 bytes) of 32,768 files, a day of 10,000 files is one or two blocks a column and slice, whether the
--          ledger has thousands of files or billions.
-- Result:  file_number, status and batch_id of the settled files; the batch's own id means that the batch was committed
--          before.

select s.file_number, f.status, f.batch_id
from sparkify_staging s
join ingest_files f on f.file_id = s.file_id
where s.kind = 'F'
  and {{f.event_time in event_times}}
  and ({{knows_set_aside}} = 1 or f.status not in ('quarantined', 'missing'));
