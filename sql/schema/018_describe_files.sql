-- Purpose: comments, as in 014_describe_plays.sql: the ledger of objects.
-- Grain:   one text for a table or a column.

comment on table ingest_files is 'The ledger: one row for each version of an object that was announced, with its fate. A version that was announced under two times can have two rows.';
comment on column ingest_files.file_id is 'The version: MD5 of bucket, key, ETag, version id and sequencer of the notification.';
comment on column ingest_files.object_id is 'The object: MD5 of bucket and key. Joins ingest_objects.object_id.';
comment on column ingest_files.bucket is 'Bucket of the object.';
comment on column ingest_files.object_key is 'Key of the object.';
comment on column ingest_files.etag is 'ETag of the version that S3 delivered, or else the one of the notification.';
comment on column ingest_files.version_id is 'S3 version id of the notification. NULL: the bucket is not versioned, or a listing found the object.';
comment on column ingest_files.sequencer is 'Sequencer of the notification. Empty or NULL: a listing found the object.';
comment on column ingest_files.size is 'Bytes of the object as S3 stores it.';
comment on column ingest_files.event_time is 'When the object changed, by the notification, or last-modified in a listing; UTC. Filter by it: the table is sorted by it.';
comment on column ingest_files.last_modified is 'When S3 stored the version that was read, UTC. NULL: S3 delivered no version.';
comment on column ingest_files.dataset is 'logs, songs or ignored.';
comment on column ingest_files.status is 'loaded: rows are in the tables, or the version was the live one at an earlier notice. quarantined: unreadable, see error_code. missing: gone before it was read. ignored: outside the datasets. superseded: a replaced or removed version. removed: deleted with SPARKIFY_ON_DELETE=remove, or retracted by a person.';
comment on column ingest_files.batch_id is 'The batch that settled the version last. Joins ingest_batches.batch_id.';
comment on column ingest_files.attempts is 'How many batches settled the version: 1, and more after repairs.';
comment on column ingest_files.error_code is 'Why the version is quarantined, as a word: docs/errors.md. NULL: nothing is wrong.';
comment on column ingest_files.reason is 'The same as a sentence, with the remedy; or why the object is ignored or missing. NULL: nothing to say.';
comment on column ingest_files.line_number is 'The line of the error. NULL: today always; rejected_rows has lines.';
comment on column ingest_files.column_name is 'The column of the error. NULL: today always; rejected_rows has columns.';
comment on column ingest_files.first_seen_at is 'When the version was first settled, UTC.';
comment on column ingest_files.settled_at is 'When the version was last settled, UTC.';

comment on table ingest_objects is 'One row for each object whose rows are or were in the tables, in the version that is live: the version of the last look.';
comment on column ingest_objects.object_id is 'The object: MD5 of bucket and key.';
comment on column ingest_objects.dataset is 'logs or songs.';
comment on column ingest_objects.bucket is 'Bucket of the object.';
comment on column ingest_objects.object_key is 'Key of the object.';
comment on column ingest_objects.etag is 'ETag of the live version.';
comment on column ingest_objects.last_modified is 'When S3 stored the live version, UTC, whole seconds.';
comment on column ingest_objects.status is 'live: its rows are in the tables. removed: the object is gone and its rows were removed. retracted: a person removed the rows of this version, and it is not loaded again.';
comment on column ingest_objects.rows_kept is 'Rows of the version in the tables, play_rivals and user_sources; of a song object, in song_sources.';
comment on column ingest_objects.rows_sum is 'A checksum of these rows. NULL: the object is a song object.';
comment on column ingest_objects.first_event_at is 'Time of the first of these rows, UTC. NULL: no row, or a song object.';
comment on column ingest_objects.last_event_at is 'Time of the last of these rows, UTC. NULL: no row, or a song object.';
comment on column ingest_objects.batch_id is 'The batch that looked at the object last. Joins ingest_batches.batch_id.';
