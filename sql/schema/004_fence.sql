-- Purpose: programs of before this version publish nothing any more. They know the lock that every publishing
--          transaction takes first by its old name; without it they stop, and their messages go back to the queue. The
--          tables of the next migration are right only if every batch from now on keeps them.
-- Grain:   ingest_lock_4: empty, only ever locked; the number is the first version that may publish.
-- Again:   a migration that consumers of the version before must not outlive does the same, in a file of its own in
--          front of it: the drop waits for the transaction that holds the lock, and what comes after sees what it wrote.

drop table ingest_lock;

create table ingest_lock_4 (
  holder varchar(60)
)
diststyle all;
