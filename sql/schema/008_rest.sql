-- Purpose: the ledger says of each batch how long the rest after the loads before it held it back.
-- Grain:   ingest_batches: a committed batch, as before. 0: nothing held the batch back, or no consumer loaded it, or the
--          program that published it did not rest.
-- Again:   a program of the version before names the columns that it writes, so it goes on and writes 0.

alter table ingest_batches add column rested_ms bigint default 0 encode az64 not null;
