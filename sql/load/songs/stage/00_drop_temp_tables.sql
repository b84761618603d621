-- Purpose: a clean session: drops what an earlier batch or attempt of the session left.
--          One statement, because a Data API batch holds forty.

drop table if exists
  sparkify_staging,
  sparkify_affected,
  song_choice,
  artist_choice,
  match_choice,
  play_repairs,
  batch_objects,
  batch_sources;
