-- Purpose: the songs that plays belong to now, for the match keys under which a song was added, removed, or changed its artist.
--          The smallest of several song ids wins. A song with the same title, artist name, duration and artist id as before
--          changes no play, and its plays are not read.
-- Reads:   songs by match_key, as the load of plays does.

insert into sparkify_match_choice (match_key, song_id, artist_id)
select a.match_key, m.song_id, m.artist_id
from (
  select c.was_match_key as match_key
  from sparkify_song_choice c
  where c.was_match_key is not null
    and (coalesce(c.match_key, '') <> c.was_match_key or coalesce(c.artist_id, '') <> c.was_artist_id)
  union
  select c.match_key
  from sparkify_song_choice c
  where c.match_key is not null
    and (coalesce(c.was_match_key, '') <> c.match_key or coalesce(c.was_artist_id, '') <> c.artist_id)
) a
left join (
  select s.match_key, s.song_id, s.artist_id, row_number() over (partition by s.match_key order by s.song_id) as preference
  from songs s
  where s.match_key in (
    select was_match_key
    from sparkify_song_choice
    union
    select match_key
    from sparkify_song_choice
  )
) m on m.match_key = a.match_key and m.preference = 1;
