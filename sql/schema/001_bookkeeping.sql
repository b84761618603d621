-- Purpose: what the service knows about itself: which migrations ran, which object versions are settled, in which batch.
-- Grain:   schema_migrations: a migration; ingest_batches: a committed batch; ingest_files: an object version;
--          rejected_rows: a distinct JSON object that did not fit; ingest_lock: empty, only ever locked.
-- Keys:    Redshift does not enforce primary keys and trusts them in plans. Those declared here are kept by the publish
--          transaction, which is the only writer and holds ingest_lock.
-- Schema:  the unqualified names live in the schema that the transaction's search_path names.

create table ingest_lock (
  holder varchar(60)
)
diststyle all;

-- Read by "what happened lately", hence sorted by the commit time. Small: one row a batch.
create table ingest_batches (
  batch_id varchar(60) not null encode zstd,
  dataset varchar(16) not null encode zstd,
  source varchar(16) not null encode zstd,
  close_reason varchar(16) not null encode zstd,
  files integer not null encode az64,
  bytes bigint not null encode az64,
  rows_staged bigint not null encode az64,
  rows_rejected bigint not null encode az64,
  rows_inserted bigint not null encode az64,
  rows_updated bigint not null encode az64,
  rows_repaired bigint not null encode az64,
  opened_at timestamp not null encode az64,
  closed_at timestamp not null encode az64,
  known_at timestamp encode az64,
  staged_at timestamp encode az64,
  published_at timestamp not null encode raw,
  consumer varchar(256) not null encode zstd,
  manifest_uri varchar(1200) encode zstd,
  query_ids varchar(1024) encode zstd,
  primary key (batch_id)
)
diststyle even
compound sortkey (published_at);

-- Asked once per batch: "which of these are settled?". A redelivered notification carries the time of the first
-- delivery, so the question names the batch's range of event_time and the zone maps of the sort key leave the rest of
-- history unread. object_id is the distribution key because the backfill asks by object.
create table ingest_files (
  file_id char(32) not null encode raw,
  object_id char(32) not null encode raw,
  bucket varchar(63) not null encode zstd,
  object_key varchar(1024) not null encode zstd,
  etag varchar(80) not null encode zstd,
  version_id varchar(1024) encode zstd,
  sequencer varchar(64) encode zstd,
  size bigint not null encode az64,
  event_time timestamp not null encode raw,
  last_modified timestamp encode az64,
  dataset varchar(16) not null encode zstd,
  status varchar(16) not null encode zstd,
  batch_id varchar(60) not null encode zstd,
  attempts integer not null encode az64,
  error_code varchar(40) encode zstd,
  reason varchar(1024) encode zstd,
  line_number bigint encode az64,
  column_name varchar(127) encode zstd,
  first_seen_at timestamp not null encode az64,
  settled_at timestamp not null encode az64,
  primary key (file_id)
)
diststyle key
distkey (object_id)
compound sortkey (event_time);

-- COPY cannot tell which object a row of a log came from; the loader looks it up afterwards. Where it did not find it,
-- bucket, object_key and line_number are empty and the batch leads to the files. So many rows of a batch are kept as a
-- setting says; ingest_batches.rows_rejected counts all.
create table rejected_rows (
  rejected_id char(32) not null encode raw,
  batch_id varchar(60) not null encode zstd,
  dataset varchar(16) not null encode zstd,
  bucket varchar(63) encode zstd,
  object_key varchar(1024) encode zstd,
  line_number bigint encode az64,
  row_text varchar(65535) encode zstd,
  column_name varchar(127) not null encode zstd,
  reason varchar(1024) not null encode zstd,
  rejected_at timestamp not null encode raw,
  primary key (rejected_id)
)
diststyle even
compound sortkey (rejected_at);
