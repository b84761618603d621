-- Purpose: a clean session: drops what an earlier batch or attempt of the session left.
--          One statement, because a Data API batch holds forty.

drop table if exists
  newer_sources,
  affected_songs,
  songs_before,
  song_winners,
  song_changes,
  songs_gone,
  affected_artists,
  artist_winners,
  artist_changes,
  artists_gone,
  affected_matches,
  match_winners,
  reach_check,
  play_repairs,
  batch_counts;
