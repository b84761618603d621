-- Purpose: the counts of the batch for the ledger: plays and users written. This plan repairs and removes nothing.
-- Guard:   rows_inserted is null, which ingest_batches refuses, if this plan was not enough: songplays has a play of the batch
--          twice, or user_sources has a user's event of the batch also from another object. Then the transaction ends, and the
--          loader publishes by the exact plan.

insert into sparkify_staging (kind, file_number, rows_inserted, rows_updated, rows_repaired, rows_removed)
select
  'C',
  0,
  case when d.doubles = 0 and e.doubles = 0 then p.plays + u.users - t.found end,
  t.older,
  0,
  0
from (
  select count(*) as plays
  from sparkify_plays
) p
cross join (
  select coalesce(sum(case when place = 1 then 1 else 0 end), 0) as users
  from sparkify_users
) u
cross join (
  select count(*) as found, coalesce(sum(case when is_there then 0 else 1 end), 0) as older
  from sparkify_choice
) t
cross join (
  select count(*) as doubles
  from (
    select s.songplay_id
    from songplays s
    join (select distinct songplay_id from sparkify_plays) b on b.songplay_id = s.songplay_id
    where {{s.start_time in times}}
    group by s.songplay_id
    having count(*) > 1
  ) x
) d
cross join (
  select count(*) as doubles
  from (
    select s.user_id
    from user_sources s
    join sparkify_users b
      on b.user_id = s.user_id
      and b.start_time = s.event_at
      and b.session_id = s.session_id
      and b.item_in_session = s.item_in_session
    where {{s.event_at in times}}
      and coalesce(s.object_id, '') <> b.object_id
  ) y
) e;
