-- Purpose: drops the temporary tables of an earlier batch or attempt of the session. One statement, because a Data API batch has
--          at most forty.

drop table if exists
  sparkify_staging,
  sparkify_affected,
  song_choice,
  artist_choice,
  match_choice,
  play_repairs,
  batch_objects,
  batch_sources;
