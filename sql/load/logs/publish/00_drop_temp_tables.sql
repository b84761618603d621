-- Purpose: a clean session: drops what an earlier batch or attempt of the session left.
--          One statement, because a Data API batch holds forty.

drop table if exists
  play_changes,
  play_matches,
  key_changes,
  user_changes,
  batch_counts;
