-- Purpose: what became of each file and, where S3 delivered one, which version of the object was read (etag, size,
--          last_modified_ms). COPYed from outcomes.json.
-- Grain:   batch_outcomes: a file event of the batch.

drop table if exists batch_outcomes;

create temp table batch_outcomes (
  file_number integer not null,
  status varchar(16) not null,
  error_code varchar(40),
  reason varchar(1024),
  etag varchar(80),
  size bigint,
  last_modified_ms bigint
);
