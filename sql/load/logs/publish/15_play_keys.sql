-- Purpose: the days between which a title was heard, widened by the plays that the batch writes (see schema/004). A play
--          that changes its title widens the new one's days; the old one's stay as they are, too wide and never too narrow.
-- Needs:   play_changes.
-- Reads:   play_keys by key_prefix, to compare and once more to merge: per million titles ever heard 12 blocks of key_prefix
--          and at most 4 of each day. It grows with the titles, not with plays.
-- Again:   no play changes and nothing is written; a title is written once a day at most.

create temp table key_changes as
select
  n.key_prefix,
  case when k.first_day < n.first_day then k.first_day else n.first_day end as first_day,
  case when k.last_day > n.last_day then k.last_day else n.last_day end as last_day
from (
  select left(c.match_key, 12)::char(12) as key_prefix, min(c.start_time)::date as first_day, max(c.start_time)::date as last_day
  from play_changes c
  where c.match_key is not null
  group by left(c.match_key, 12)::char(12)
) n
left join play_keys k on k.key_prefix = n.key_prefix
where k.key_prefix is null
   or n.first_day < k.first_day
   or n.last_day > k.last_day;

merge into play_keys
using key_changes c
on play_keys.key_prefix = c.key_prefix
when matched then
  update set
    first_day = c.first_day,
    last_day = c.last_day
when not matched then
  insert (key_prefix, first_day, last_day)
  values (c.key_prefix, c.first_day, c.last_day);
