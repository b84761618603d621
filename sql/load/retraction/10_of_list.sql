-- Purpose: the listed objects whose rows a retraction would remove, and an empty table for the counts.
-- Grain:   retracted: an object with a live version. retraction: one row, the counts as a text; null is refused.
-- Reads:   ingest_objects by object_id.

create temp table sparkify_retracted as
select o.object_id
from sparkify_listed_files f
join ingest_objects o on o.object_id = f.object_id
where o.status = 'live';

create temp table sparkify_retraction (
  counts_as_planned varchar(512) not null
);
