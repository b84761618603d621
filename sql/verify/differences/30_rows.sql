-- Purpose: the rows that differ, of the first twenty keys, with the name of the object that a row names.
-- Needs:   the differences (20_counts.sql).

select d.*, coalesce(l.object_key, i.object_key) as row_file
from {{different}} d
left join listed_objects l on l.object_id = d.row_object
left join ingest_objects i on i.object_id = d.row_object
where d.row_key in (
  select row_key
  from {{different}}
  group by row_key
  order by row_key
  limit 20
)
order by d.row_key, d.side desc;
