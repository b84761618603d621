-- Purpose: Who listens most?
-- Grain:   a user; level is the one of today.

select
  p.user_id,
  u.first_name || ' ' || u.last_name as name,
  u.level,
  p.plays,
  p.sessions,
  p.last_play
from (
  select
    user_id,
    count(*) as plays,
    count(distinct session_id) as sessions,
    max(start_time) as last_play
  from songplays
  where {{start_time in times}}
  group by user_id
) p
left join users u on u.user_id = p.user_id
order by p.plays desc, p.user_id
limit 10;
