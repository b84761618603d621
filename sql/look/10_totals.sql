-- Purpose: what is loaded, by dataset.
-- Reads:   ingest_totals, three rows; ingest_batches since a time (sort key) that is not later than any totalled_until: the batches
--          of some hours; ingest_open, which is small.
-- Result:  a row for each dataset; rows_now: rows of the star that its batches wrote and that are still there.

select
  t.dataset,
  (t.batches + coalesce(n.batches, 0))::bigint as batches,
  (t.objects + coalesce(n.objects, 0))::bigint as objects,
  (t.rows_now + coalesce(n.rows_now, 0))::bigint as rows_now,
  (t.rows_rejected + coalesce(n.rows_rejected, 0))::bigint as rows_rejected,
  coalesce(o.quarantined, 0)::bigint as open_quarantined,
  coalesce(o.rejected, 0)::bigint as open_rejected,
  to_char(coalesce(n.last_published_at, t.last_published_at), 'YYYY-MM-DD HH24:MI:SS.MS') as last_published_at
from ingest_totals t
left join (
  select
    i.dataset,
    count(*) as batches,
    sum(i.objects_added) as objects,
    sum(i.rows_inserted - i.rows_removed) as rows_now,
    sum(i.rows_rejected) as rows_rejected,
    max(i.published_at) as last_published_at
  from ingest_batches i
  join ingest_totals u on u.dataset = i.dataset
  where i.published_at >= {{totalled_until}}
    and i.published_at >= u.totalled_until
  group by i.dataset
) n on n.dataset = t.dataset
left join (
  select
    p.dataset,
    sum(case when p.status = 'quarantined' then 1 else 0 end) as quarantined,
    sum(case when p.status = 'quarantined' then 0 else 1 end) as rejected
  from ingest_open p
  group by p.dataset
) o on o.dataset = t.dataset
order by t.dataset;
