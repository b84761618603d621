-- Purpose: widens the range of days in which each title of the batch was heard (see schema/005). If a play changes its title, the
--          range of the new title is widened; that of the old one stays, which may be too wide but never too narrow.
-- Reads:   play_keys by key_prefix: per million titles ever heard 12 blocks of key_prefix and at most 4 of each day. Grows with
--          titles, not with plays.
-- Again:   the ranges are wide enough and nothing is written; a title is written at most once a day.

update play_keys
set first_day = case when n.first_day < play_keys.first_day then n.first_day else play_keys.first_day end,
    last_day = case when n.last_day > play_keys.last_day then n.last_day else play_keys.last_day end
from (
  select left(b.match_key, 12)::char(12) as key_prefix, min(b.start_time)::date as first_day, max(b.start_time)::date as last_day
  from sparkify_plays b
  where b.match_key is not null
  group by left(b.match_key, 12)::char(12)
) n
where play_keys.key_prefix = n.key_prefix
  and (n.first_day < play_keys.first_day or n.last_day > play_keys.last_day);

insert into play_keys (key_prefix, first_day, last_day)
select n.key_prefix, n.first_day, n.last_day
from (
  select left(b.match_key, 12)::char(12) as key_prefix, min(b.start_time)::date as first_day, max(b.start_time)::date as last_day
  from sparkify_plays b
  where b.match_key is not null
  group by left(b.match_key, 12)::char(12)
) n
left join play_keys k on k.key_prefix = n.key_prefix
where k.key_prefix is null;
