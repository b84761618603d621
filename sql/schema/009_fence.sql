-- Purpose: programs of before this version publish nothing any more, as in 004_fence.sql: what the next migration adds is right only if
--          every batch from now on keeps it.
-- Grain:   ingest_lock_9: empty, only ever locked; the number is the first version that may publish.

drop table ingest_lock_4;

create table ingest_lock_9 (
  holder varchar(60)
)
diststyle all;
