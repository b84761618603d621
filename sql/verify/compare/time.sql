-- Purpose: all columns of time.
-- Grain:   a row of the star, a row of the reload; row_key identifies it.

create view {{star}} as
select start_time as row_key, null::char(32) as row_object, start_time, hour, day, week, month, year, weekday
from time;

create view {{reload}} as
select start_time as row_key, null::char(32) as row_object, start_time, hour, day, week, month, year, weekday
from reload_time;
