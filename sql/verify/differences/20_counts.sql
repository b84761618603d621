-- Purpose: the differences between a table and the reload, both ways. EXCEPT treats null as equal to null, and duplicate rows as
--          one; so keys are counted too.
-- Needs:   the views of the table and of its reload, with the same columns (verify/compare).
-- Result:  counts; duplicate keys show as fewer keys than rows.

create table {{different}} as
select star_only.*, 'star' as side
from (select * from {{star}} except select * from {{reload}}) star_only
union all
select reload_only.*, 'reload' as side
from (select * from {{reload}} except select * from {{star}}) reload_only;

select
  (select count(*) from {{star}}) as star_rows,
  (select count(distinct row_key) from {{star}}) as star_keys,
  (select count(*) from {{reload}}) as reload_rows,
  (select count(*) from {{different}} where side = 'star') as star_only,
  (select count(*) from {{different}} where side = 'reload') as reload_only;
