-- Purpose: what a batch counted: at the end of the transaction that publishes the batch, and when an answer was lost.
-- Needs:   ingest_lock_4 held, so that a commit under way is waited for.
-- Reads:   ingest_batches since the day before the batch was opened (literal, sort key published_at): a block a column
--          and slice, not the batches of all days.
-- Result:  one row, or none when the batch is not committed.

select rows_staged, rows_rejected, rows_inserted, rows_updated, rows_repaired
from ingest_batches
where batch_id = {{batch_id}}
  and published_at >= {{not_before}};
