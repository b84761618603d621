-- Purpose: Which artists are played most?
-- Grain:   an artist by name, as the players sent it: plays of songs without metadata count too.

select
  artist_name as artist,
  count(*) as plays,
  count(distinct song_title) as songs_played,
  count(distinct user_id) as listeners
from songplays
where artist_name is not null
  and {{start_time in times}}
group by artist_name
order by plays desc, artist
limit 10;
