-- Purpose: the rows that differ, of the first twenty keys.
-- Needs:   compared_different (20_counts.sql).

select d.*
from compared_different d
where d.row_key in (
  select row_key
  from compared_different
  group by row_key
  order by row_key
  limit 20
)
order by d.row_key, d.side desc;
