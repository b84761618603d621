-- Purpose: ends the live versions that the batch replaces or removes. Only in a publish with such versions.
-- Guard:   a version that is not the one of the stage step stays; then the object has two rows, and the guard in 80_batch.sql
--          ends the transaction.

delete from ingest_objects
using sparkify_objects
where ingest_objects.object_id = sparkify_objects.object_id
  and ingest_objects.batch_id = sparkify_objects.was_batch_id
  and sparkify_objects.change = 'newer';
