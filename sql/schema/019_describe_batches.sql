-- Purpose: comments, as in 014_describe_plays.sql: the ledger of batches.
-- Grain:   one text for a table or a column.

comment on table ingest_batches is 'One row for each committed batch, written in the transaction that published its rows. All times are UTC.';
comment on column ingest_batches.batch_id is 'The batch; begins with the time at which it was opened.';
comment on column ingest_batches.dataset is 'logs, songs or ignored.';
comment on column ingest_batches.source is 'Who made the batch: live (a consumer), backfill, replay or retract.';
comment on column ingest_batches.close_reason is 'Why the batch closed: idle, count, bytes, age or drain.';
comment on column ingest_batches.files is 'File events in the batch.';
comment on column ingest_batches.bytes is 'Bytes of the files as S3 stores them.';
comment on column ingest_batches.rows_staged is 'Rows that the files of the batch gave.';
comment on column ingest_batches.rows_rejected is 'Rows that did not fit. rejected_rows has a part of them when there are many.';
comment on column ingest_batches.rows_inserted is 'New rows in songplays and users, or in songs and artists.';
comment on column ingest_batches.rows_updated is 'Changed rows of these tables.';
comment on column ingest_batches.rows_repaired is 'Plays whose song_id and artist_id changed, because a song came, changed or went.';
comment on column ingest_batches.opened_at is 'When the first file event came into the batch.';
comment on column ingest_batches.closed_at is 'When the batch closed.';
comment on column ingest_batches.known_at is 'When a backfill knew which files are settled already. NULL: the batch did not ask.';
comment on column ingest_batches.staged_at is 'When the rows were staged in the warehouse. NULL: not known.';
comment on column ingest_batches.published_at is 'When the rows were published. The table is sorted by it.';
comment on column ingest_batches.consumer is 'The process that loaded the batch.';
comment on column ingest_batches.manifest_uri is 'The manifest of the load in S3. NULL: no file was read.';
comment on column ingest_batches.query_ids is 'Query ids of the warehouse, for its system views. NULL: none is known.';
comment on column ingest_batches.read_at is 'When the files were read. NULL: a program for tables before version 7 loaded the batch.';
comment on column ingest_batches.rested_ms is 'Milliseconds that the batch waited for the rest after earlier loads; 0: none.';
comment on column ingest_batches.rows_removed is 'Rows that went, because a file was replaced, deleted or retracted.';
