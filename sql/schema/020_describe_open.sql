-- Purpose: comments, as in 014_describe_plays.sql: what 011_removals.sql and 012_totals.sql added.
-- Grain:   one text for a table or a column.

comment on column ingest_batches.objects_removed is 'Deleted objects of the batch that had rows; 0 for a retraction, which a person asked for.';
comment on column ingest_batches.objects_added is 'Live objects after the batch minus live objects before; the sum over all batches is the number of live objects in ingest_objects.';

comment on table ingest_open is 'One row for each object that a person still has to look at: quarantined, or with rejected rows at the last look. The next look that finds nothing deletes the row.';
comment on column ingest_open.object_id is 'The object: MD5 of bucket and key. Joins ingest_objects.object_id.';
comment on column ingest_open.dataset is 'logs or songs.';
comment on column ingest_open.bucket is 'Bucket of the object.';
comment on column ingest_open.object_key is 'Key of the object.';
comment on column ingest_open.status is 'quarantined or loaded, as in ingest_files.';
comment on column ingest_open.error_code is 'Why the object is quarantined, as a word: docs/errors.md. NULL: it is loaded.';
comment on column ingest_open.reason is 'The same as a sentence, with the remedy. NULL: the object is loaded.';
comment on column ingest_open.rows_rejected is 'Rejected rows of the version of the last look.';
comment on column ingest_open.batch_id is 'The batch that looked at the object last. Joins ingest_batches.batch_id.';
comment on column ingest_open.settled_at is 'When that batch settled the object, UTC.';
