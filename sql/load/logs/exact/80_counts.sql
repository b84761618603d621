-- Purpose: the counts of the batch for the ledger: plays and users that were added, changed and removed.
-- Guard:   rows_inserted is null, which ingest_batches refuses, if a user lost the newest event, and the next one is older than
--          the part of user_sources that was read (days_before the event), or does not exist. Then the transaction ends, and the
--          loader publishes again and reads all of user_sources.

insert into sparkify_staging (kind, file_number, rows_inserted, rows_updated, rows_repaired, rows_removed)
select
  'C',
  0,
  case when u.far = 0 or {{reads_all_users}} = 1 then c.came end,
  c.changed,
  0,
  c.gone
from (
  select
    coalesce(sum(case when is_new and not is_out then 1 else 0 end), 0) as came,
    coalesce(sum(case when not is_new and not is_out and not is_there then 1 else 0 end), 0) as changed,
    coalesce(sum(case when is_out then 1 else 0 end), 0) as gone
  from sparkify_choice
  where preference = 1
) c
cross join (
  select count(*) as far
  from sparkify_choice s
  join sparkify_choice w on w.user_id = s.user_id and w.preference = 1
  where s.source = 'S'
    and s.is_out
    and (w.is_out or w.start_time < dateadd(day, -{{days_before}}, s.start_time))
) u;
