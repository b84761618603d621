-- Purpose: the longest load of the last seven days, in seconds, to compare with the lease of a message.
-- Reads:   ingest_batches by published_at (sort key).
-- Result:  one row; null without a load.

select max(datediff(second, closed_at, published_at)) as seconds
from ingest_batches
where source = 'live'
  and published_at >= dateadd(day, -7, getdate());
