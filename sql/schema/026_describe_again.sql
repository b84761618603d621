-- Purpose: a comment, as in 019_describe_batches.sql: no program makes a batch of source replay.
-- Grain:   one text for a column.

comment on column ingest_batches.source is 'Who made the batch: live (a consumer), backfill, or operator (a person, by a command).';
