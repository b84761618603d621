-- Purpose: Where do people listen?
-- Grain:   a location as the player sent it.

select
  location,
  count(*) as plays,
  count(distinct user_id) as listeners
from songplays
where location is not null
  and {{start_time in times}}
group by location
order by plays desc, location
limit 10;
