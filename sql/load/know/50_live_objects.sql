-- Purpose: the number of objects of a dataset that have rows in the star, for the limit on removals.
-- Reads:   dataset and status of ingest_objects, a fraction of a byte per object. Only when many objects were removed within an
--          hour.
-- Result:  one row.

select count(*) as live
from ingest_objects
where dataset = {{dataset}}
  and status = 'live';
