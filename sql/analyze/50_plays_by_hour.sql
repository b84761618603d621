-- Purpose: At what hour of the day (UTC) do people listen?
-- Grain:   an hour of the day with plays.

select
  t.hour,
  count(*) as plays,
  count(distinct p.user_id) as listeners
from songplays p
join time t on t.start_time = p.start_time
where {{p.start_time in times}}
group by t.hour
order by t.hour;
