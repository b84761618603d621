-- Purpose: How many plays are of a song that the catalogue knows?
-- Grain:   one row; percent of all plays. The rest are plays of songs without metadata, or with another duration.

select
  count(*) as plays,
  count(song_id) as known,
  count(*) - count(song_id) as unknown,
  round(100::double precision * count(song_id) / nullif(count(*), 0), 1) as percent_known
from songplays
where {{start_time in times}};
