-- Purpose: what the loader looks for in the batch's log files, to say where the rejected rows stand.
-- Needs:   rejected_hashes of the stage, in the same session.
-- Result:  row_hash and how many rows of the batch have it; bounded by the setting for kept rows.

select row_hash, occurrences
from rejected_hashes
order by row_hash;
