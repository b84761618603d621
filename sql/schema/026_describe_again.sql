-- Purpose: comments that were false: no program makes a batch of source replay, a start time goes with its last play, and a
--          backfill asks what is settled before it makes batches.
-- Grain:   one text for a table or a column.

comment on column ingest_batches.source is 'Who made the batch: live (a consumer), backfill, or operator (a person, by a command).';
comment on column ingest_batches.known_at is 'NULL: programs for tables before version 26 wrote when a backfill knew which files are settled already.';
comment on table time is 'One row for each distinct start_time of a play. The row goes with the last of its plays.';
