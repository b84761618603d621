-- Purpose: the files that are loaded and that a reload lacks: they are gone, or cannot be read in the version that is there. Which
--          file each row is of is compared, by count and sum (ingest_objects); the values of the rows are not. And files of the
--          bucket that a person retracted: they have no rows.
-- Result:  the number of these files and of their rows on every row, and the first twenty.

select
  f.object_key,
  case when f.status = 'retracted' then 'retracted' when l.object_id is null then 'gone' else 'unread' end as fate,
  o.rows_kept,
  count(*) over () as files,
  sum(o.rows_kept) over () as all_rows
from known_files f
join reload_objects o on o.object_id = f.object_id
left join listed_objects l on l.object_id = f.object_id
where (f.status = 'live' and not f.is_read)
   or (f.status = 'retracted' and f.is_read)
order by f.object_key, f.object_id
limit 20;
