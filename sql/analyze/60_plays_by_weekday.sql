-- Purpose: On which day of the week do people listen?
-- Grain:   a weekday with plays; days: how many such days the plays span, so that an uneven range misleads nobody.

select
  case t.weekday
    when 0 then 'Sunday'
    when 1 then 'Monday'
    when 2 then 'Tuesday'
    when 3 then 'Wednesday'
    when 4 then 'Thursday'
    when 5 then 'Friday'
    when 6 then 'Saturday'
  end as weekday,
  count(*) as plays,
  count(distinct date_trunc('day', p.start_time)) as days,
  count(*) / count(distinct date_trunc('day', p.start_time)) as plays_per_day
from songplays p
join time t on t.start_time = p.start_time
where {{p.start_time in times}}
group by t.weekday
order by (t.weekday + 6) % 7;
