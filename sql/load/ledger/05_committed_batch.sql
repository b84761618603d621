-- Purpose: whether a batch is committed, and what it counted; asked when an answer was lost.
-- Needs:   ingest_lock held, so that a commit under way is waited for.
-- Result:  one row, or none.

select rows_staged, rows_rejected, rows_inserted, rows_updated, rows_repaired
from ingest_batches
where batch_id = {{batch_id}};
