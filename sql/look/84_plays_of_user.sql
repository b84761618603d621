-- Purpose: how many plays a user has.
-- Reads:   user_id of all of songplays.

select
  count(*) as plays,
  to_char(min(p.start_time), 'YYYY-MM-DD HH24:MI:SS.MS') as first_at,
  to_char(max(p.start_time), 'YYYY-MM-DD HH24:MI:SS.MS') as last_at
from songplays p
where p.user_id = {{user_id}};
