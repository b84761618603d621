-- Purpose: what the ledger has to compare with.
-- Result:  one row.

select count(*) as objects, coalesce(sum(rows_kept), 0) as rows_kept
from ingest_objects;
