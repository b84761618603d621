-- Purpose: an empty temporary table for the objects of a listing. COPY fills the table from files.json beside the manifest, so
--          that keys never travel as literals.
-- Grain:   an object of the batch. object_id is the loader's MD5 of bucket and key; event_time is last-modified.

create temp table listed_files (
  file_number integer not null,
  object_id char(32) not null,
  etag varchar(80) not null,
  event_time timestamp not null
);
