-- Purpose: an artist's attributes come from the newest of the artist's songs (last-modified, then song id). An artist
--          without a song goes.
-- Reads:   song_sources by artist_id and the songs they won, for the artists that the affected songs named before or name
--          now. song_sources is distributed by artist_id, so that an artist's songs lie on one slice; like everything of
--          the catalogue this grows with the songs there are, not with plays.

create temp table affected_artists as
select b.artist_id
from songs_before b
union
select w.artist_id
from song_winners w;

create temp table artist_winners as
select w.artist_id, w.name, w.location, w.latitude, w.longitude
from (
  select
    k.artist_id,
    k.artist_name as name,
    k.artist_location as location,
    k.artist_latitude as latitude,
    k.artist_longitude as longitude,
    row_number() over (partition by k.artist_id order by s.last_modified desc, s.song_id desc) as preference
  from song_sources k
  join affected_artists a on a.artist_id = k.artist_id
  join songs s on s.song_id = k.song_id and s.source_id = k.source_id and s.source_row = k.row_number
) w
where w.preference = 1;

create temp table artist_changes as
select w.*, t.artist_id is null as is_new
from artist_winners w
left join artists t on t.artist_id = w.artist_id
where t.artist_id is null
   or coalesce(octet_length(t.name)::varchar || ':' || t.name, '-') <> coalesce(octet_length(w.name)::varchar || ':' || w.name, '-')
   or coalesce(octet_length(t.location)::varchar || ':' || t.location, '-') <> coalesce(octet_length(w.location)::varchar || ':' || w.location, '-')
   or coalesce(t.latitude, 999) <> coalesce(w.latitude, 999)
   or coalesce(t.longitude, 999) <> coalesce(w.longitude, 999);

merge into artists
using artist_changes c
on artists.artist_id = c.artist_id
when matched then
  update set
    name = c.name,
    location = c.location,
    latitude = c.latitude,
    longitude = c.longitude
when not matched then
  insert (artist_id, name, location, latitude, longitude)
  values (c.artist_id, c.name, c.location, c.latitude, c.longitude);

create temp table artists_gone as
select a.artist_id
from affected_artists a
left join artist_winners w on w.artist_id = a.artist_id
where w.artist_id is null;

delete from artists
using artists_gone
where artists.artist_id = artists_gone.artist_id;
