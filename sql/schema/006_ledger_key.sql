-- Purpose: the ledger declares no key that it does not keep. One event may stand in it twice: the question whether it is
--          known names a range of event_time and reads no other part of history, so a notice of the same event that carries
--          a time of another hour is not recognised. Redshift trusts a declared key (it may leave a DISTINCT out) and does
--          not check it.
-- Grain:   ingest_files: an object version, once for each range of times under which it was announced. Nothing that reads it
--          may count on one row a file_id; rows that are loaded again change nothing.
-- Keys:    all other declared keys are kept: each is looked for in the whole table, or in a range in which the row must lie,
--          by the transaction that writes it and holds the lock.
-- Name:    a key that was declared without a name is called <table>_pkey.

alter table ingest_files drop constraint ingest_files_pkey;
