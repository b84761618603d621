-- Purpose: one writer at a time. First in its transaction, after the settings of a new session only: the snapshot is taken at the
--          first data statement, so it contains everything that the writer before committed. ingest_lock_9 is never read, so
--          readers of the star do not wait.
-- Bound:   LOCK has no timeout of its own; the statement_timeout of every load session bounds it.

lock {{schema}}.ingest_lock_9;
