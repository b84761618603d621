-- Purpose: one writer at a time. First in its transaction, behind nothing but what a new session sets: the snapshot is taken at the first data statement,
--          which so sees all that the writer before committed. Nobody reads ingest_lock_9, so readers of the star wait for
--          nothing.
-- Bound:   LOCK waits for ever where nothing ends it; statement_timeout, which every session of a load begins with, does.

lock {{schema}}.ingest_lock_9;
