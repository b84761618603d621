-- Purpose: when the files of a batch were read, for the ledger; and users on one node each instead of a copy on every node.
-- Users:   almost every batch of logs changes the users that were active, and a table with DISTSTYLE ALL is written on every
--          node. By user_id the rows are spread evenly, and a user's row is found where the batch's row hashes to.
-- Two:     ALTER DISTSTYLE KEY is documented for tables with DISTSTYLE EVEN or KEY (Redshift docs, "ALTER TABLE").

alter table ingest_batches add column read_at timestamp encode az64;

alter table users alter diststyle even;

alter table users alter diststyle key distkey user_id;
