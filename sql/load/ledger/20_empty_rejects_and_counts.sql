-- Purpose: a batch that stages nothing (every file ignored, missing or known) still writes its ledger entries.
-- Needs:   nothing. Makes batch_rejects and batch_counts as the datasets' stages do.

drop table if exists batch_rejects, batch_counts;

create temp table batch_rejects (
  rejected_id char(32) not null,
  bucket varchar(63),
  object_key varchar(1024),
  line_number bigint,
  row_text varchar(65535),
  column_name varchar(127) not null,
  reason varchar(1024) not null
);

create temp table batch_counts (
  rows_staged bigint not null,
  rows_rejected bigint not null,
  rows_inserted bigint not null,
  rows_updated bigint not null,
  rows_repaired bigint not null
);

insert into batch_counts (rows_staged, rows_rejected, rows_inserted, rows_updated, rows_repaired)
values (0, 0, 0, 0, 0);
