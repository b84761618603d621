-- Purpose: what became of the object that the doctor put into the bucket.
-- Reads:   ingest_files of the last hours by event_time (sort key).
-- Result:  a row when a consumer has settled it.

select status, reason
from ingest_files
where bucket = {{bucket}}
  and object_key = {{object_key}}
  and event_time >= {{since}};
