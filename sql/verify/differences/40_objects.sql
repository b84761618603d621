-- Purpose: the objects that rows which differ name.
-- Needs:   the differences (20_counts.sql).
-- Result:  at most 100,001: one more than the program looks at again.

select d.row_object as object_id, max(coalesce(l.object_key, i.object_key)) as object_key
from {{different}} d
left join listed_objects l on l.object_id = d.row_object
left join ingest_objects i on i.object_id = d.row_object
where d.row_object is not null
group by d.row_object
order by 2, 1
limit 100001;
