-- Purpose: files that were loaded and are not in the bucket any more. Their rows stay (the star keeps every event and every
--          song it has seen): worth knowing, no error.
-- Result:  the number of them on every row, and the first twenty.

select g.object_key, count(*) over () as files
from (
  select object_key
  from gone_versions
  where fate = 'deleted'
  group by object_key
) g
order by g.object_key
limit 20;
