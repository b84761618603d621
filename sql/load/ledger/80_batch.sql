-- Purpose: inserts the ledger entry of the batch.
-- Needs:   sparkify_objects; staging, with a row of kind 'C' (the counts) if the batch changes more than the ledger.
-- Reads:   ingest_batches since the day before the batch was opened (literal, sort key); ingest_files within the batch's ranges
--          of event_time; ingest_objects by object_id, as 20_batch_objects.sql does.
-- Guard:   the columns of counts are not null. rows_staged is null if another batch was published that this transaction did not
--          see: the ledger has two entries of one file event in the batch's ranges, one of them this batch's (one event may have
--          an entry in each range of times, see schema/006); or the entry of a loaded file is quarantined or missing; or an
--          object has two live versions, or another one than in the stage step. rows_inserted is null if the guard of the dataset
--          fails. Then the transaction ends, and the loader publishes again or starts over. objects_removed is null if with this
--          batch more than removals_max objects lost their rows by deletions within an hour; then the load waits.
-- Again:   rows_staged is also null if the ledger has the batch already: its rows are there.

insert into ingest_batches (
  batch_id, dataset, source, close_reason, files, bytes, rows_staged, rows_rejected, rows_inserted, rows_updated,
  rows_repaired, opened_at, closed_at, read_at, staged_at, published_at, consumer, manifest_uri, query_ids,
  rested_ms, rows_removed, objects_removed, objects_added, operator, action, why
)
select
  {{batch_id}},
  {{dataset}},
  {{source}},
  {{close_reason}},
  {{files}},
  {{bytes}},
  case when g.faults = 0 and o.others = 0 and p.published = 0 then {{rows_staged}}::bigint end,
  {{rows_rejected}}::bigint,
  case when c.found = 0 then 0 else c.rows_inserted end,
  case when c.found = 0 then 0 else c.rows_updated end,
  case when c.found = 0 then 0 else c.rows_repaired end,
  {{opened_at}},
  {{closed_at}},
  {{read_at}},
  {{staged_at}},
  getdate(),
  {{consumer}},
  {{manifest_uri}},
  {{query_ids}},
  {{rested_ms}},
  case when c.found = 0 then 0 else c.rows_removed end,
  case when m.removed_lately + {{objects_removed}} <= {{removals_max}} then {{objects_removed}}::bigint end,
  l.objects_added,
  {{operator}},
  {{action}},
  {{why}}
from (
  select
    count(*) as found,
    max(s.rows_inserted) as rows_inserted,
    max(s.rows_updated) as rows_updated,
    max(s.rows_repaired) as rows_repaired,
    max(s.rows_removed) as rows_removed
  from sparkify_staging s
  where s.kind = 'C'
) c
cross join (
  select count(*) as faults
  from (
    select f.file_id
    from ingest_files f
    join sparkify_staging s on s.file_id = f.file_id
    where s.kind = 'F'
      and {{f.event_time in event_times}}
    group by f.file_id
    having (count(*) > 1 and max(case when f.batch_id = {{batch_id}} and f.attempts = 1 then 1 else 0 end) = 1)
        or max(case when s.status in ('loaded', 'removed') and f.status in ('quarantined', 'missing') then 1 else 0 end) = 1
  ) d
) g
cross join (
  select count(*) as others
  from (
    select i.object_id
    from ingest_objects i
    join sparkify_objects b on b.object_id = i.object_id
    group by i.object_id
    having count(*) > 1
        or max(case when b.change = 'same' and i.batch_id <> {{batch_id}} then 1 else 0 end) = 1
  ) v
) o
cross join (
  select coalesce(
    sum(case when b.status = 'live' then 1 else 0 end - case when b.was_status = 'live' then 1 else 0 end),
    0
  ) as objects_added
  from sparkify_objects b
  where b.change <> 'same'
) l
cross join (
  select count(*) as published
  from ingest_batches b
  where b.batch_id = {{batch_id}}
    and b.published_at >= {{not_before}}
) p
cross join (
  select coalesce(sum(b.objects_removed), 0) as removed_lately
  from ingest_batches b
  where {{objects_removed}} > 0
    and b.dataset = {{dataset}}
    and b.published_at >= {{not_before}}
    and b.published_at >= dateadd(hour, -1, getdate())
) m;
