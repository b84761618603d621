-- Purpose: drops the temporary tables of an earlier batch or attempt of the session. One statement, because a Data API batch has
--          at most forty.

drop table if exists
  sparkify_staging,
  sparkify_choice,
  sparkify_objects,
  sparkify_plays,
  sparkify_users,
  sparkify_retracted,
  sparkify_retraction;
