-- Purpose: drops the temporary tables of an earlier batch or attempt of the session. One statement, because a Data API batch has
--          at most forty.

drop table if exists
  sparkify_staging,
  sparkify_affected,
  sparkify_song_choice,
  sparkify_artist_choice,
  sparkify_match_choice,
  sparkify_play_repairs,
  sparkify_objects,
  sparkify_sources,
  sparkify_retracted,
  sparkify_retraction;
