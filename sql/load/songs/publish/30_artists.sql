-- Purpose: updates artists from their newest songs (last-modified, then song id). Removes artists without a song.
-- Reads:   song_sources by artist_id and the songs that they won, for the artists of the affected songs, before and now.
--          song_sources is distributed by artist_id, so an artist's songs are on one slice. Grows with the songs, not with plays.
-- Again:   no artist differs and nothing is written. Degrees are below 1000 (src/datasets/column-types.ts), which stands for
--          null.

insert into sparkify_artist_choice (artist_id, is_known, is_there, name, location, latitude, longitude, source_id, line_number)
select
  a.artist_id,
  t.artist_id is not null,
  w.artist_id is not null,
  w.name,
  w.location,
  w.latitude,
  w.longitude,
  w.source_id,
  w.line_number
from (
  select was_artist_id as artist_id
  from sparkify_song_choice
  where was_artist_id is not null
  union
  select artist_id
  from sparkify_song_choice
  where artist_id is not null
) a
left join artists t on t.artist_id = a.artist_id
left join (
  select
    k.artist_id,
    k.artist_name as name,
    k.artist_location as location,
    k.artist_latitude as latitude,
    k.artist_longitude as longitude,
    k.source_id,
    k.line_number,
    row_number() over (partition by k.artist_id order by s.last_modified desc, s.song_id desc) as preference
  from song_sources k
  join songs s on s.song_id = k.song_id and s.source_id = k.source_id and s.source_row = k.row_number
  where k.artist_id in (
    select was_artist_id
    from sparkify_song_choice
    union
    select artist_id
    from sparkify_song_choice
  )
) w on w.artist_id = a.artist_id and w.preference = 1
where (t.artist_id is null and w.artist_id is not null)
   or (t.artist_id is not null and w.artist_id is null)
   or coalesce(octet_length(t.name)::varchar || ':' || t.name, '-') <> coalesce(octet_length(w.name)::varchar || ':' || w.name, '-')
   or coalesce(octet_length(t.location)::varchar || ':' || t.location, '-') <> coalesce(octet_length(w.location)::varchar || ':' || w.location, '-')
   or coalesce(t.latitude, 1000) <> coalesce(w.latitude, 1000)
   or coalesce(t.longitude, 1000) <> coalesce(w.longitude, 1000)
   or coalesce(t.source_id, '') <> coalesce(w.source_id, '')
   or coalesce(t.line_number, -1) <> coalesce(w.line_number, -1);

delete from artists
using sparkify_artist_choice
where artists.artist_id = sparkify_artist_choice.artist_id;

insert into artists (artist_id, name, location, latitude, longitude, source_id, line_number)
select c.artist_id, c.name, c.location, c.latitude, c.longitude, c.source_id, c.line_number
from sparkify_artist_choice c
where c.is_there;
