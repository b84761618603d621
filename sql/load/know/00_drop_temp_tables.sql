-- Purpose: a clean session: drops what an earlier batch of the session left (temporary tables of this folder).
--          One statement, because a Data API batch holds forty.

drop table if exists
  batch_files,
  batch_known;
