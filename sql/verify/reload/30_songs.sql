-- Purpose: song_sources, songs and artists from the song objects as they are in the bucket now. Of an object that cannot be
--          read (deleted, denied, archived, broken) the newest version that was read counts; it is taken from song_sources,
--          which keeps it whole: its values are not checked (nothing is left to check them against), all that follows
--          from them is.
-- Rules:   a song id that several objects name takes the newest object (last-modified, then key, bucket and place in the file);
--          an artist takes the attributes of the newest of the artist's songs (last-modified, then song id). A row that does
--          not fit keeps its place and names no song.

create table bucket_song_rows as
select
  source_id,
  row_number,
  song_id,
  title,
  artist_id,
  artist_name,
  artist_location,
  artist_latitude::double precision as artist_latitude,
  artist_longitude::double precision as artist_longitude,
  year::integer as year,
  round(duration::decimal(30, 20), 5)::decimal(10, 5) as duration
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

create table kept_sources as
select
  k.source_id, k.row_number, k.bucket, k.object_key, k.etag, k.last_modified, k.song_id, k.title, k.artist_id,
  k.artist_name, k.artist_location, k.artist_latitude, k.artist_longitude, k.year, k.duration
from song_sources k
left join read_objects r on r.object_id = k.source_id
where r.object_id is null;

create table reload_song_sources as
select
  s.*,
  md5(
    octet_length(title)::varchar || ':' || title || octet_length(artist_name)::varchar || ':' || artist_name
    || (duration * 100000)::bigint::varchar
  )::char(32) as match_key
from (
  select
    r.source_id,
    r.row_number,
    r.bucket,
    r.object_key,
    r.etag,
    dateadd(
      ms,
      mod(r.last_modified_ms, 1000)::integer,
      timestamp 'epoch' + (r.last_modified_ms / 1000) * interval '1 second'
    ) as last_modified,
    b.song_id, b.title, b.artist_id, b.artist_name, b.artist_location, b.artist_latitude, b.artist_longitude, b.year,
    b.duration
  from raw_songs r
  left join bucket_song_rows b on b.source_id = r.source_id and b.row_number = r.row_number
  union all
  select
    source_id, row_number, bucket, object_key, etag, last_modified, song_id, title, artist_id, artist_name,
    artist_location, artist_latitude, artist_longitude, year, duration
  from kept_sources
) s;

create table reload_newest_songs as
select ranked.*
from (
  select
    s.*,
    row_number() over (
      partition by song_id
      order by last_modified desc, object_key desc, bucket desc, row_number desc
    ) as age
  from reload_song_sources s
  where song_id is not null
) ranked
where ranked.age = 1;

create table reload_songs as
select song_id, title, artist_id, year, duration, match_key, last_modified, source_id, row_number as source_row
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
    row_number() over (partition by n.artist_id order by n.last_modified desc, n.song_id desc) as age_of_song
  from reload_newest_songs n
) ranked
where ranked.age_of_song = 1;
