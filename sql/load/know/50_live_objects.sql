-- Purpose: how many objects of a dataset have rows in the star, for the brake on removals.
-- Reads:   dataset and status of ingest_objects, a fraction of a byte an object. Asked only when many objects were taken back within an hour.
-- Result:  one row.

select count(*) as live
from ingest_objects
where dataset = {{dataset}}
  and status = 'live';
