-- Purpose: the loaded files that cannot be reloaded: they are gone, or their current version cannot be read. The count and the
--          checksum of their rows are compared (ingest_objects), but not the values. Also retracted files of the bucket, which
--          have no rows. Only of the part that is compared: a file that is gone is in the part if its name begins with the
--          part's prefix, unless the part is chosen by time (gone_too is 0).
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
where ((f.status = 'live' and not f.is_read) or (f.status = 'retracted' and f.is_read))
  and (
    l.is_part
    or (l.object_id is null and {{gone_too}} = 1 and left(f.object_key, length({{prefix}})) = {{prefix}})
  )
order by f.object_key, f.object_id
limit 20;
