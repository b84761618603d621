-- Purpose: whether the days of play_keys cover all plays of a title, and the rivals that may replace them. Ranges may be too
--          wide, and titles without plays may be left over from plays that changed their title; only ranges that are too narrow
--          are shown.
-- Grain:   a title that was heard, in the star and in the reload; row_key identifies it.

create view {{star}} as
select
  k.key_prefix as row_key,
  null::char(32) as row_object,
  k.key_prefix,
  case when k.first_day <= n.first_day then n.first_day else k.first_day end as first_day,
  case when k.last_day >= n.last_day then n.last_day else k.last_day end as last_day
from play_keys k
join reload_play_keys n on n.key_prefix = k.key_prefix;

create view {{reload}} as
select key_prefix as row_key, null::char(32) as row_object, key_prefix, first_day, last_day
from reload_play_keys;
