-- Purpose: whether the ledger has ever settled a file below a dataset's prefix, for a consumer whose prefixes may be wrong.
-- Reads:   status of ingest_files until the first row that is not ignored. Only while a consumer has seen no such file.
-- Result:  one row.

select count(*) as settled
from (
  select 1
  from ingest_files
  where status <> 'ignored'
  limit 1
) f;
