-- Purpose: whether the run of a scratch schema began so long ago that it must have been killed: a statement of the Data API
--          runs for a day at most. Asked in the schema itself, by the warehouse's own clock.
-- Result:  one row when it did, none when it may still run or belongs to another star.

select run_id
from sparkify_verify_run
where star_schema = {{star_schema}}
  and started_at < dateadd(hour, -48, getdate());
