-- Purpose: the listed objects as the ledger knows them.
-- Result:  file_number, status and rows_kept of the live or last version; null: the object has never been loaded.
-- Reads:   ingest_objects by object_id.

select f.file_number, o.status, o.rows_kept
from sparkify_listed_files f
left join ingest_objects o on o.object_id = f.object_id
order by f.file_number;
