-- Purpose: what is to be said of single files beyond "loaded": missing, quarantined, ignored, or when and as what a song
--          object was read. COPYed from outcomes.json when there is anything to say.
-- Grain:   a file event of the batch.

drop table if exists batch_outcomes;

create temp table batch_outcomes (
  file_number integer not null,
  status varchar(16) not null,
  error_code varchar(40),
  reason varchar(1024),
  line_number bigint,
  column_name varchar(127),
  last_modified_ms bigint
);
