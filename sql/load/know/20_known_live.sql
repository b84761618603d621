-- Purpose: which file events of a live batch are settled already (redelivered notifications).
-- Reads:   the part of ingest_files within the batch's range of event_time; a redelivery carries the first delivery's time.
--          The range stands as literals, so that the zone maps of the sort key leave the rest unread: a block holds the
--          ids (32 bytes) of 32,768 files, a day of 10,000 files is one or two blocks a column and slice, whether the
--          ledger has thousands of files or billions.
-- Grain:   batch_known: a settled file event of the batch.

create temp table batch_known as
select b.file_number, f.status, f.batch_id
from batch_files b
join ingest_files f on f.file_id = b.file_id
where f.event_time between {{min_event_time}} and {{max_event_time}};
