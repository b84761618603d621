-- Purpose: log files that are there in another version than one that was loaded. The events of every version seen stay.
-- Result:  the number of them on every row, and the first twenty.

select g.object_key, count(*) over () as files
from (
  select object_key
  from gone_versions
  where fate = 'overwritten'
  group by object_key
) g
order by g.object_key
limit 20;
