-- Purpose: songs and artists from the song objects as they are in the bucket now. Of an object that was deleted, or whose
--          version of now cannot be read, the last version that was read counts; song_sources keeps that version whole.
--          Its values are not checked (nothing is left to check them against), all that follows from them is. A version
--          that was read has a row in raw_songs, if only its tombstone.
-- Rules:   a song id that several objects name takes the newest object (last-modified, then key and place in the file);
--          an artist takes the attributes of the newest of the artist's songs (last-modified, then song id).

create table bucket_song_rows as
select
  song_id,
  title,
  artist_id,
  artist_name,
  artist_location,
  artist_latitude::double precision as artist_latitude,
  artist_longitude::double precision as artist_longitude,
  year::integer as year,
  round(duration::decimal(30, 20), 5)::decimal(10, 5) as duration,
  last_modified_ms,
  object_key,
  row_number as place
from raw_songs
where row_number > 0
  and song_id <> ''
  and artist_id <> ''
  and octet_length(song_id) <= 64
  and octet_length(artist_id) <= 64
  and coalesce(octet_length(title), 0) <= 1024
  and coalesce(octet_length(artist_name), 0) <= 1024
  and coalesce(octet_length(artist_location), 0) <= 1024
  and (duration is null or (duration ~ '^[0-9]{1,5}([.][0-9]{1,20})?$' and duration !~ '^99999[.]99999[5-9]'))
  and (year is null or year ~ '^[0-9]{1,4}$')
  and (artist_latitude is null or artist_latitude ~ '^-?[0-9]{1,3}([.][0-9]{1,17})?$')
  and (artist_longitude is null or artist_longitude ~ '^-?[0-9]{1,3}([.][0-9]{1,17})?$');

create table kept_song_rows as
select
  k.song_id,
  k.title,
  k.artist_id,
  k.artist_name,
  k.artist_location,
  k.artist_latitude,
  k.artist_longitude,
  k.year,
  k.duration,
  datediff(ms, '1970-01-01 00:00:00'::timestamp, k.last_modified) as last_modified_ms,
  k.object_key,
  k.row_number as place
from song_sources k
left join (
  select distinct source_id
  from raw_songs
) r on r.source_id = k.source_id
where r.source_id is null
  and k.song_id is not null;

create table reload_song_rows as
select
  song_id, title, artist_id, artist_name, artist_location, artist_latitude, artist_longitude, year, duration,
  last_modified_ms, object_key, place
from bucket_song_rows
union all
select
  song_id, title, artist_id, artist_name, artist_location, artist_latitude, artist_longitude, year, duration,
  last_modified_ms, object_key, place
from kept_song_rows;

create table reload_newest_songs as
select ranked.*
from (
  select
    r.*,
    row_number() over (partition by song_id order by last_modified_ms desc, object_key desc, place desc) as age
  from reload_song_rows r
) ranked
where ranked.age = 1;

create table reload_songs as
select song_id, title, artist_id, year, duration
from reload_newest_songs;

create table reload_artists as
select
  ranked.artist_id,
  ranked.artist_name as name,
  ranked.artist_location as location,
  ranked.artist_latitude as latitude,
  ranked.artist_longitude as longitude
from (
  select
    n.artist_id,
    n.artist_name,
    n.artist_location,
    n.artist_latitude,
    n.artist_longitude,
    row_number() over (partition by n.artist_id order by n.last_modified_ms desc, n.song_id desc) as age_of_song
  from reload_newest_songs n
) ranked
where ranked.age_of_song = 1;
