-- Purpose: what is to be said of single files beyond "loaded": missing, quarantined, ignored, or which version of a song
--          object S3 delivered (etag, size, last_modified_ms; null where S3 did not say); and where in the log files rejected rows stand. COPYed from outcomes.json and rejects.json
--          when there is anything to say.
-- Grain:   batch_outcomes: a file event of the batch; batch_reject_places: a place of a rejected row (row_hash, see
--          load/logs/stage/50_batch_rejects.sql).

drop table if exists
  batch_outcomes,
  batch_reject_places;

create temp table batch_outcomes (
  file_number integer not null,
  status varchar(16) not null,
  error_code varchar(40),
  reason varchar(1024),
  line_number bigint,
  column_name varchar(127),
  etag varchar(80),
  size bigint,
  last_modified_ms bigint
);

create temp table batch_reject_places (
  row_hash char(32) not null,
  object_id char(32) not null,
  bucket varchar(63) not null,
  object_key varchar(1024) not null,
  line_number bigint not null,
  row_text varchar(65535) not null
);
