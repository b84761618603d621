-- Purpose: updates the mark of the last read on the live versions that the batch found unchanged. Only in a publish with such
--          versions.
-- Why:     a transaction that saw the version earlier and then read a newer one may be late, and the newer one may be gone again.
--          It now finds another mark than it saw, and starts over.
-- Guard:   a version that is not the one of the stage step keeps its mark, and the guard in 80_batch.sql ends the transaction.

update ingest_objects
set batch_id = {{batch_id}}
from (
  select o.object_id, o.was_batch_id
  from sparkify_objects o
  where o.change = 'same'
) s
where ingest_objects.object_id = s.object_id
  and ingest_objects.batch_id = s.was_batch_id;
