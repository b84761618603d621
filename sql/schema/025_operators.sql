-- Purpose: the ledger says who asked for a batch that a person decided, what was asked, and why.
-- Grain:   ingest_batches: a committed batch, as before.
-- Again:   a program of the version before names the columns that it writes, so it continues and writes null.

alter table ingest_batches add column operator varchar(128) encode zstd;

alter table ingest_batches add column action varchar(16) encode zstd;

alter table ingest_batches add column why varchar(1024) encode zstd;

comment on column ingest_batches.source is 'Who made the batch: live (a consumer), backfill, replay, or operator (a person, by a command).';
comment on column ingest_batches.operator is 'Who asked for a batch of source operator: SPARKIFY_OPERATOR, or the name of the session of AWS. A claim: CloudTrail has the evidence. NULL: another source.';
comment on column ingest_batches.action is 'What the person asked for: retract or reload. NULL: another source.';
comment on column ingest_batches.why is 'The reason that the person gave. NULL: none.';
