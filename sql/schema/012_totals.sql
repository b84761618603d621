-- Purpose: totals that status reads without the entries of all files: how many live objects each batch added, and which objects a
--          person still has to look at.
-- Grain:   ingest_batches: a committed batch, as before. objects_added: live objects after the batch minus live objects before;
--          the sum over all batches is the number of live objects in ingest_objects.
--          ingest_open: an object whose last look found something: it was quarantined, or rows of it were rejected. The next look
--          that finds nothing deletes the row, whatever the version.
-- Size:    ingest_open is small: what a person has not solved yet.
-- Upgrade: entries that are quarantined now, unless the object was loaded later; loaded files with stored rejected rows.

alter table ingest_batches add column objects_added bigint default 0 encode az64 not null;

create table ingest_open (
  object_id char(32) not null encode raw,
  dataset varchar(16) not null encode zstd,
  bucket varchar(63) not null encode zstd,
  object_key varchar(1024) not null encode zstd,
  status varchar(16) not null encode zstd,
  error_code varchar(40) encode zstd,
  reason varchar(1024) encode zstd,
  rows_rejected bigint not null encode az64,
  batch_id varchar(60) not null encode zstd,
  settled_at timestamp not null encode az64,
  primary key (object_id)
)
diststyle key
distkey (object_id)
compound sortkey (object_id);

update ingest_batches
set objects_added = o.objects
from (
  select i.batch_id, count(*) as objects
  from ingest_objects i
  where i.status = 'live'
  group by i.batch_id
) o
where ingest_batches.batch_id = o.batch_id;

insert into ingest_open (
  object_id, dataset, bucket, object_key, status, error_code, reason, rows_rejected, batch_id, settled_at
)
select
  f.object_id, f.dataset, f.bucket, f.object_key, f.status, f.error_code, f.reason, coalesce(r.rejected, 0), f.batch_id,
  f.settled_at
from (
  select
    e.object_id, e.dataset, e.bucket, e.object_key, e.file_id, e.status, e.error_code, e.reason, e.batch_id, e.settled_at,
    row_number() over (partition by e.object_id order by e.settled_at desc, e.event_time desc, e.file_id) as preference
  from ingest_files e
  where e.status in ('loaded', 'quarantined', 'removed')
) f
left join (
  select j.file_id, count(*) as rejected
  from rejected_rows j
  where j.file_id is not null
  group by j.file_id
) r on r.file_id = f.file_id
where f.preference = 1
  and (f.status = 'quarantined' or (f.status = 'loaded' and r.rejected > 0));
