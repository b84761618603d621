-- Purpose: what was loaded and cannot be reloaded: objects that were deleted (also since they were listed), versions of logs
--          that another took the place of, and objects that are there and cannot be read. (A song object that was replaced is
--          judged by what is there now.)
-- Grain:   read_objects: an object of the bucket that the reload has; gone_versions: a version that it lacks, by its ledger
--          entry; gone_batches: a batch that loaded any version of such a log. songplays.batch_id names the batch and not
--          the file, so this is all that can be known of where a play came from.

delete from listed_objects
using unread_objects
where listed_objects.object_id = unread_objects.object_id
  and unread_objects.is_gone;

create table read_objects as
select l.object_id, l.etag
from listed_objects l
left join unread_objects u on u.object_id = l.object_id
where u.object_id is null;

create table gone_versions as
select
  f.object_id,
  f.object_key,
  f.dataset,
  case
    when l.object_id is null then 'deleted'
    when l.etag <> f.etag then 'overwritten'
    else 'unread'
  end as fate
from ingest_files f
left join listed_objects l on l.object_id = f.object_id
left join read_objects r on r.object_id = f.object_id
where f.status = 'loaded'
  and (
    (f.dataset = 'logs' and (r.object_id is null or r.etag <> f.etag))
    or (f.dataset = 'songs' and l.object_id is null)
  );

create table gone_batches as
select distinct f.batch_id
from ingest_files f
join gone_versions g on g.object_id = f.object_id
where g.dataset = 'logs'
  and f.status = 'loaded';
