-- Purpose: what the batch changed, for the ledger: songs and artists written, plays repaired.

create temp table batch_counts as
select
  {{rows_staged}}::bigint as rows_staged,
  {{rows_rejected}}::bigint as rows_rejected,
  (select count(*) from song_changes where is_new) + (select count(*) from artist_changes where is_new) as rows_inserted,
  (select count(*) from song_changes where not is_new) + (select count(*) from artist_changes where not is_new)
  + (select count(*) from songs_gone) + (select count(*) from artists_gone) as rows_updated,
  (select count(*) from play_repairs) as rows_repaired;
