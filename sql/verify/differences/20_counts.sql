-- Purpose: the differences between a table and the reload, both ways. EXCEPT treats null as equal to null, and duplicate rows as
--          one; so keys are counted too.
-- Needs:   compared_star and compared_reload with the same columns (verify/compare).
-- Result:  counts; duplicate keys show as fewer keys than rows.

create table compared_different as
select star_only.*, 'star' as side
from (select * from compared_star except select * from compared_reload) star_only
union all
select reload_only.*, 'reload' as side
from (select * from compared_reload except select * from compared_star) reload_only;

select
  (select count(*) from compared_star) as star_rows,
  (select count(distinct row_key) from compared_star) as star_keys,
  (select count(*) from compared_reload) as reload_rows,
  (select count(*) from compared_different where side = 'star') as star_only,
  (select count(*) from compared_different where side = 'reload') as reload_only;
