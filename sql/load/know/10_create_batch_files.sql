-- Purpose: an empty temporary table for the batch's file list, which is COPYed from files.json beside the manifest, so
--          that keys never travel as literals.
-- Grain:   a file event of the batch. file_id and object_id are MD5s made by the loader: of bucket, key, etag, version
--          and sequencer; and of bucket and key. sequencer is upper-case, left-padded with zeros to 32 ('' when unknown).

create temp table batch_files (
  file_number integer not null,
  file_id char(32) not null,
  object_id char(32) not null,
  bucket varchar(63) not null,
  object_key varchar(1024) not null,
  etag varchar(80) not null,
  version_id varchar(1024),
  sequencer varchar(64),
  size bigint not null,
  event_time_ms bigint not null
);
