-- Purpose: one writer at a time. First in its transaction: the snapshot is taken at the first data statement, which so
--          sees all that the writer before committed. Nobody reads ingest_lock_4, so readers of the star wait for nothing.

lock ingest_lock_4;
