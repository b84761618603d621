-- Purpose: what the batch changed, for the ledger: plays and users written; a log batch repairs nothing.
-- Guard:   rows_inserted is null, which ingest_batches refuses, when a play of this batch stands in songplays beside another one
--          of its identity: then another batch was published that this transaction did not see.

insert into sparkify_staging (kind, file_number, rows_inserted, rows_updated, rows_repaired)
select
  'C',
  0,
  case when d.doubles = 0 then p.plays + u.users - t.found end,
  t.older,
  0
from (
  select count(*) as plays
  from batch_plays
) p
cross join (
  select count(*) as users
  from batch_users
) u
cross join (
  select count(*) as found, coalesce(sum(case when is_older then 1 else 0 end), 0) as older
  from rows_there
) t
cross join (
  select count(*) as doubles
  from (
    select s.songplay_id
    from songplays s
    join batch_plays b on b.songplay_id = s.songplay_id
    where {{s.start_time in starts}}
    group by s.songplay_id
    having count(*) > 1
       and max(case when s.batch_id = {{batch_id}} then 1 else 0 end) = 1
  ) x
) d;
