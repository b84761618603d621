-- Purpose: the counts of a batch: at the end of its publish transaction, and after a lost reply.
-- Needs:   ingest_lock_9 held, so that a commit under way is waited for.
-- Reads:   ingest_batches since the day before the batch was opened (literal, sort key published_at): a block per column and
--          slice, and not the batches of all days.
-- Live:    consumers whose live batches were published in the last ten minutes; each rests in proportion to their number.
-- Result:  one row; none if the batch is not committed.

select b.rows_staged, b.rows_rejected, b.rows_inserted, b.rows_updated, b.rows_repaired, b.rows_removed, l.live_consumers
from ingest_batches b
cross join (
  select count(distinct n.consumer) as live_consumers
  from ingest_batches n
  where n.source = 'live'
    and n.published_at >= {{not_before}}
    and n.published_at >= dateadd(minute, -10, getdate())
) l
where b.batch_id = {{batch_id}}
  and b.published_at >= {{not_before}};
