-- Purpose: what was loaded and is not in the bucket any more, and so cannot be reloaded: deleted objects, and versions of
--          logs that another took the place of. (A song object that was replaced is judged by what is there now.)
-- Grain:   gone_versions: such a version, by its ledger entry; gone_batches: a batch that loaded any version of such a log.
--          songplays.batch_id names the batch and not the file, so this is all that can be known of where a play came from.

create table gone_versions as
select
  f.object_id,
  f.bucket,
  f.object_key,
  f.dataset,
  case when l.object_key is null then 'deleted' else 'overwritten' end as fate
from ingest_files f
left join listed_objects l
  on l.object_key = f.object_key
  and l.bucket = f.bucket
where f.status = 'loaded'
  and (
    (f.dataset = 'logs' and (l.object_key is null or l.etag <> f.etag))
    or (f.dataset = 'songs' and l.object_key is null)
  );

create table gone_batches as
select distinct f.batch_id
from ingest_files f
join gone_versions g on g.object_id = f.object_id
where g.dataset = 'logs'
  and f.status = 'loaded';
