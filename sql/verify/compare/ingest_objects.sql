-- Purpose: all columns of ingest_objects but the batch: the live version of an object that was read is the one in the bucket, and
--          the rows of any other object have the count and the checksum of its load.
-- Grain:   an object; row_key is its id, row_name is its name for people.

create view {{star}} as
select
  object_id as row_key, object_key as row_name, object_id as row_object, dataset, bucket, object_key, etag, last_modified, status, rows_kept,
  rows_sum, first_event_at, last_event_at
from ingest_objects;

create view {{reload}} as
select
  object_id as row_key, object_key as row_name, object_id as row_object, dataset, bucket, object_key, etag, last_modified, status, rows_kept,
  rows_sum, first_event_at, last_event_at
from reload_objects;
