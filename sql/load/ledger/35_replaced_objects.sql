-- Purpose: the versions that the batch replaces or takes back are not live any more. Part of a publish only where there are such.
-- Guard:   a version that is not the one that the stage step saw stays: then the object has two rows, and the guard in 80_batch.sql ends the
--          transaction.

delete from ingest_objects
using batch_objects
where ingest_objects.object_id = batch_objects.object_id
  and ingest_objects.batch_id = batch_objects.was_batch_id
  and batch_objects.change = 'newer';
