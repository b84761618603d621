-- Purpose: what is loaded, by dataset.
-- Reads:   ingest_batches: a row a batch, not the entries of the files; ingest_open, which is small.
-- Result:  a row for each dataset; rows_now: rows of the star that its batches wrote and that are still there.

select
  b.dataset,
  b.batches::bigint as batches,
  b.objects::bigint as objects,
  b.rows_now::bigint as rows_now,
  b.rows_rejected::bigint as rows_rejected,
  coalesce(o.quarantined, 0)::bigint as open_quarantined,
  coalesce(o.rejected, 0)::bigint as open_rejected,
  to_char(b.last_published_at, 'YYYY-MM-DD HH24:MI:SS.MS') as last_published_at
from (
  select
    i.dataset,
    count(*) as batches,
    sum(i.objects_added) as objects,
    sum(i.rows_inserted - i.rows_removed) as rows_now,
    sum(i.rows_rejected) as rows_rejected,
    max(i.published_at) as last_published_at
  from ingest_batches i
  group by i.dataset
) b
left join (
  select
    p.dataset,
    sum(case when p.status = 'quarantined' then 1 else 0 end) as quarantined,
    sum(case when p.status = 'quarantined' then 0 else 1 end) as rejected
  from ingest_open p
  group by p.dataset
) o on o.dataset = b.dataset
order by b.dataset;
