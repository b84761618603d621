-- Purpose: whether the run of a scratch schema began so long ago that it must have been killed: a Data API statement runs for at
--          most a day. Runs in the schema itself and uses the clock of the warehouse.
-- Result:  one row if it was killed; none if it may still run or belongs to another star.

select run_id
from sparkify_verify_run
where star_schema = {{star_schema}}
  and started_at < dateadd(hour, -48, getdate());
