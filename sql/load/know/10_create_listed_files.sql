-- Purpose: an empty temporary table for the objects of a listing. COPY fills it from files.json, so that keys never are literals.
-- Grain:   an object of the batch. object_id is the MD5 of bucket and key that the loader computes; event_time is last-modified.

create temp table sparkify_listed_files (
  file_number integer not null,
  object_id char(32) not null,
  etag varchar(80) not null,
  event_time timestamp not null
);
