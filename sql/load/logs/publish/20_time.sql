-- Purpose: one row per distinct start_time of the plays. UTC; ISO week; weekday 0 = Sunday.
-- Reads:   time within the batch's ranges (literals, sort key): a block holds 131,072 start times.
-- Again:   every start_time exists and nothing is written.

insert into time (start_time, hour, day, week, month, year, weekday)
select
  n.start_time,
  extract(hour from n.start_time)::smallint,
  extract(day from n.start_time)::smallint,
  extract(week from n.start_time)::smallint,
  extract(month from n.start_time)::smallint,
  extract(year from n.start_time)::smallint,
  extract(dow from n.start_time)::smallint
from (
  select distinct b.start_time
  from sparkify_plays b
) n
left join time t on t.start_time = n.start_time and {{t.start_time in times}}
where t.start_time is null;
