-- Purpose: adds the batches of the hours that are over to the totals that status reads. Only in the first publish of a process, and
--          then once an hour.
-- Hours:   getdate() is the time of this statement, under the lock, so no later batch is published before totalled_until. An hour of
--          distance allows for a clock that is set back.
-- Reads:   ingest_batches since {{not_before}} (literal, sort key): two days, and in the first publish of a process all days: six
--          columns of a few bytes a batch. Older totals than that stay, for the first publish of the next process.
-- Again:   totalled_until has moved, and no batch is added twice.

update ingest_totals
set batches = ingest_totals.batches + n.batches,
    objects = ingest_totals.objects + n.objects,
    rows_now = ingest_totals.rows_now + n.rows_now,
    rows_rejected = ingest_totals.rows_rejected + n.rows_rejected,
    last_published_at = coalesce(n.last_published_at, ingest_totals.last_published_at),
    totalled_until = n.totalled_until
from (
  select
    t.dataset,
    count(b.batch_id) as batches,
    coalesce(sum(b.objects_added), 0) as objects,
    coalesce(sum(b.rows_inserted - b.rows_removed), 0) as rows_now,
    coalesce(sum(b.rows_rejected), 0) as rows_rejected,
    max(b.published_at) as last_published_at,
    max(u.totalled_until) as totalled_until
  from ingest_totals t
  cross join (
    select date_trunc('hour', dateadd(hour, -1, getdate())) as totalled_until
  ) u
  left join ingest_batches b
    on b.dataset = t.dataset
    and b.published_at >= {{not_before}}
    and b.published_at >= t.totalled_until
    and b.published_at < u.totalled_until
  where t.totalled_until >= {{not_before}}
    and t.totalled_until < u.totalled_until
  group by t.dataset
) n
where ingest_totals.dataset = n.dataset;
