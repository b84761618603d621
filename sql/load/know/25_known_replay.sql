-- Purpose: which file events of a replay need nothing: those loaded already. Quarantined and missing ones are what the
--          replay is for.
-- Reads:   the part of ingest_files within the batch's range of event_time, as 20_known_live.sql does.
-- Grain:   batch_known: a settled file event of the batch.

create temp table batch_known as
select b.file_number, f.status, f.batch_id
from batch_files b
join ingest_files f on f.file_id = b.file_id
where f.event_time between {{min_event_time}} and {{max_event_time}}
  and f.status not in ('quarantined', 'missing');
