-- Purpose: Does every key stand in one row only?
-- Above:   0 fails.
-- Ledger:  one event may have several entries of different times: 006_ledger_key.sql.
-- Keys:    as expressions, because Redshift takes a declared primary key for unique, and may leave a DISTINCT out.

select 'songplays.songplay_id' as what, count(*) - count(distinct songplay_id || '') as found from songplays
union all
select 'users.user_id', count(*) - count(distinct user_id + 0) from users
union all
select 'songs.song_id', count(*) - count(distinct song_id || '') from songs
union all
select 'artists.artist_id', count(*) - count(distinct artist_id || '') from artists
union all
select 'time.start_time', count(*) - count(distinct dateadd(ms, 0, start_time)) from time
union all
select 'song_sources', count(*) - count(distinct source_id || row_number::varchar) from song_sources
union all
select 'play_rivals', count(*) - count(distinct songplay_id || object_id) from play_rivals
union all
select 'ingest_objects.object_id', count(*) - count(distinct object_id || '') from ingest_objects
union all
select 'ingest_files.file_id, event_time', count(*) - count(distinct file_id || to_char(event_time, 'YYYYMMDDHH24MISSMS')) from ingest_files
union all
select 'ingest_batches.batch_id', count(*) - count(distinct batch_id || '') from ingest_batches
union all
select 'rejected_rows.rejected_id', count(*) - count(distinct rejected_id || '') from rejected_rows;
