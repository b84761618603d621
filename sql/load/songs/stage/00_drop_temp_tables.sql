-- Purpose: a clean session: drops what an earlier batch or attempt of the session left.
--          One statement, because a Data API batch holds forty.

drop table if exists
  staging_songs,
  batch_sources,
  batch_rejects,
  batch_song_ids,
  batch_keys,
  batch_reach;
