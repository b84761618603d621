-- Purpose: How old is the newest batch?
-- Above:   24 warns.

select 'hours since a batch was committed' as what, coalesce(datediff(hour, max(published_at), getdate()), 0) as found
from ingest_batches;
