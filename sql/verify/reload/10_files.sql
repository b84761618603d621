-- Purpose: the objects that the reload is made of. An object that was read counts as what S3 delivered. An object that is gone, or that
--          cannot be read in the version that is there, counts in its live version, and its rows are taken from the warehouse. An object
--          that a person retracted in the version that is there counts as empty.
-- Grain:   an object that was read, or that has a live version or had one. Rows have objects of status 'live' only. age orders
--          the objects from the newest on: last-modified, then key, then bucket.
-- Lineage: a log that a program of before schema/010 loaded has no live version, and no row names it: has_lineage is false until a
--          backfill reloads the log.

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
