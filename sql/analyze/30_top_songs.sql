-- Purpose: Which songs are played most?
-- Grain:   a title of an artist, as the players sent them: plays of songs without metadata count too.

select
  song_title as song,
  artist_name as artist,
  count(*) as plays,
  count(distinct user_id) as listeners,
  case when count(song_id) > 0 then 'yes' else 'no' end as in_catalogue
from songplays
where song_title is not null
  and {{start_time in times}}
group by song_title, artist_name
order by plays desc, song, artist
limit 10;
