-- Purpose: drops the temporary tables of an earlier batch or attempt of the session.

drop table if exists
  sparkify_listed_files,
  sparkify_retracted,
  sparkify_retraction;
