-- Purpose: which columns of ingest_objects are compared: all but the batch. So the live version of an object that was read is what is in
--          the bucket, and the rows that name any other object are as many as were loaded from it, and add up to the same.
-- Grain:   an object; row_key is its id, row_name is what people call it.

create view compared_star as
select
  object_id as row_key, object_key as row_name, dataset, bucket, object_key, etag, last_modified, status, rows_kept,
  rows_sum, first_event_at, last_event_at
from ingest_objects;

create view compared_reload as
select
  object_id as row_key, object_key as row_name, dataset, bucket, object_key, etag, last_modified, status, rows_kept,
  rows_sum, first_event_at, last_event_at
from reload_objects;
