-- Purpose: totals that status reads without the batches of all days.
-- Grain:   ingest_totals: a row for each word of ingest_batches.dataset. A publish adds the batches of whole hours that are over, about
--          once an hour: load/ledger/76_totals.sql.
-- Newer:   batches since totalled_until are not in the row; whoever reads the totals adds them.
-- Copies:  three rows, so every node has them.
-- Again:   a program of the version before adds nothing to the totals; its batches are newer than totalled_until, so they count.

create table ingest_totals (
  dataset varchar(16) not null encode zstd,
  batches bigint not null encode az64,
  objects bigint not null encode az64,
  rows_now bigint not null encode az64,
  rows_rejected bigint not null encode az64,
  last_published_at timestamp encode az64,
  totalled_until timestamp not null encode az64
)
diststyle all;

insert into ingest_totals (dataset, batches, objects, rows_now, rows_rejected, last_published_at, totalled_until)
select
  d.dataset,
  count(b.batch_id),
  coalesce(sum(b.objects_added), 0),
  coalesce(sum(b.rows_inserted - b.rows_removed), 0),
  coalesce(sum(b.rows_rejected), 0),
  max(b.published_at),
  date_trunc('hour', dateadd(hour, -1, getdate()))
from (
  select 'logs' as dataset
  union all
  select 'songs' as dataset
  union all
  select 'ignored' as dataset
) d
left join ingest_batches b
  on b.dataset = d.dataset
  and b.published_at < date_trunc('hour', dateadd(hour, -1, getdate()))
group by d.dataset;

comment on table ingest_totals is 'One row for each dataset: the sums over its batches before totalled_until. Add the newer batches of ingest_batches to them.';
comment on column ingest_totals.dataset is 'logs, songs or ignored.';
comment on column ingest_totals.batches is 'Batches.';
comment on column ingest_totals.objects is 'Live objects: the sum of ingest_batches.objects_added.';
comment on column ingest_totals.rows_now is 'Rows that the batches inserted, without the rows that batches removed.';
comment on column ingest_totals.rows_rejected is 'Rows that did not fit.';
comment on column ingest_totals.last_published_at is 'When the newest of these batches was published, UTC. NULL: there is none.';
comment on column ingest_totals.totalled_until is 'The batches published before this time are in the sums, UTC.';
