-- Purpose: the live versions that the batch found as they are carry the mark of the last look. Part of a publish only where there are such.
-- Why:     another transaction that saw the version before and read a newer one may be late: what it read can be gone again. Now it finds another mark than
--          the one that it saw, and looks again.
-- Guard:   a version that is not the one that the stage step saw keeps its mark, and the guard in 80_batch.sql ends the transaction.

update ingest_objects
set batch_id = {{batch_id}}
from (
  select o.object_id, o.was_batch_id
  from batch_objects o
  where o.change = 'same'
) s
where ingest_objects.object_id = s.object_id
  and ingest_objects.batch_id = s.was_batch_id;
