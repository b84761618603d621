-- Purpose: the time before which ingest_totals has all batches.
-- Result:  one row.

select to_char(min(t.totalled_until), 'YYYY-MM-DD HH24:MI:SS.MS') as totalled_until
from ingest_totals t;
