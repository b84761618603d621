-- Purpose: the ledger counts the objects that lose their rows by a deletion, so that the limit on removals holds over all consumers
--          and restarts.
-- Grain:   ingest_batches: a committed batch, as before. objects_removed: its deleted objects that had rows; 0 for a retraction,
--          which a person asked for.
-- Again:   a program of the version before names the columns that it writes, so it goes on and writes 0.

alter table ingest_batches add column objects_removed bigint default 0 encode az64 not null;
