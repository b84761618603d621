-- Purpose: the counts of the batch for the ledger: songs and artists written, plays repaired.
-- Reads:   play_keys by key_prefix: 20 blocks per million titles heard.
-- Guard:   the days of plays in this transaction were read before the lock was held. If a title with an affected key was heard
--          outside of them (another batch was published meanwhile), rows_inserted is null, which ingest_batches refuses: the
--          transaction ends, and the loader publishes again with days that cover everything.

insert into sparkify_staging (kind, file_number, rows_inserted, rows_updated, rows_repaired, rows_removed)
select
  'C',
  0,
  case when o.outside = 0 then s.came + a.came end,
  s.changed + a.changed,
  r.repaired,
  s.gone + a.gone
from (
  select
    coalesce(sum(case when differs and not is_known then 1 else 0 end), 0) as came,
    coalesce(sum(case when differs and is_known and is_there then 1 else 0 end), 0) as changed,
    coalesce(sum(case when is_known and not is_there then 1 else 0 end), 0) as gone
  from sparkify_song_choice
) s
cross join (
  select
    coalesce(sum(case when is_known then 0 else 1 end), 0) as came,
    coalesce(sum(case when is_known and is_there then 1 else 0 end), 0) as changed,
    coalesce(sum(case when is_known and not is_there then 1 else 0 end), 0) as gone
  from sparkify_artist_choice
) a
cross join (
  select count(*) as repaired
  from sparkify_play_repairs
) r
cross join (
  select count(*) as outside
  from play_keys k
  where k.key_prefix in (select left(m.match_key, 12)::char(12) from sparkify_match_choice m)
    and (k.first_day < {{min_start_time}} or k.last_day > {{max_start_time}})
) o;
