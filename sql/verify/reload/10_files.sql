-- Purpose: the objects of the reload. An object that was read counts as S3 delivered it. An object that is gone, or whose current
--          version cannot be read, counts in its live version, with its rows from the warehouse. An object whose current version
--          was retracted counts as empty.
-- Grain:   an object that was read, or that has or had a live version. Only objects of status 'live' have rows. age orders the
--          objects from the newest on: last-modified, then key, then bucket.
-- Lineage: a log that a program older than schema/010 loaded has no live version, and no row names it: has_lineage is false until
--          a backfill reloads the log.

create table known_files as
select
  f.*,
  row_number() over (order by f.last_modified desc, f.object_key desc, f.bucket desc) as age
from (
  select
    l.object_id,
    l.dataset,
    l.bucket,
    l.object_key,
    l.etag,
    l.last_modified,
    case when r.object_id is null then 'live' else 'retracted' end as status,
    true as is_read,
    l.dataset = 'songs' or e.object_id is null or n.object_id is not null as has_lineage
  from (
    select
      object_id, dataset, bucket, object_key, etag,
      timestamp 'epoch' + (last_modified_ms / 1000) * interval '1 second' as last_modified
    from listed_objects
    where is_read
  ) l
  left join ingest_objects r
    on r.object_id = l.object_id
    and r.status = 'retracted'
    and r.etag = l.etag
    and r.last_modified = l.last_modified
  left join (
    select distinct object_id, etag
    from ingest_files
    where status = 'loaded'
  ) e on e.object_id = l.object_id and e.etag = l.etag
  left join (
    select object_id from ingest_objects
    union
    select object_id from user_sources
  ) n on n.object_id = l.object_id
  union all
  select
    i.object_id,
    i.dataset,
    i.bucket,
    i.object_key,
    i.etag,
    i.last_modified,
    i.status,
    false,
    true
  from ingest_objects i
  left join listed_objects l on l.object_id = i.object_id and l.is_read
  where l.object_id is null
) f;
