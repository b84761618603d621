-- Purpose: song_sources, songs and artists from the song objects in the bucket. For an object that is gone, or whose current
--          version cannot be read, the rows of its live version come from song_sources: their values are not compared, but
--          everything that follows from them is.
-- Rules:   a song id of several objects takes the newest object (last-modified, then key, bucket and place in the file); an
--          artist takes the attributes of the artist's newest song (last-modified, then song id). Which values fit is
--          deliberately written separately from the load.
-- Lineage: the line of a row that a program older than schema/010 loaded is unknown until a backfill reloads the object.

create table song_numbers as
select
  object_id,
  ordinal,
  max(case when name = 'year' and whole between 0 and 9999 then whole end)::integer as year,
  max(case when name = 'duration' and seconds < 100000 then seconds end)::decimal(10, 5) as duration,
  max(case when name = 'artist_latitude' and abs(degrees) < 1000 then degrees end) as artist_latitude,
  max(case when name = 'artist_longitude' and abs(degrees) < 1000 then degrees end) as artist_longitude
from typed_numbers
where name in ('year', 'duration', 'artist_latitude', 'artist_longitude')
group by object_id, ordinal;

create table bucket_song_rows as
select
  r.object_id,
  r.ordinal,
  r.line_number,
  rtrim(r.song_id) as song_id,
  r.title,
  rtrim(r.artist_id) as artist_id,
  r.artist_name,
  r.artist_location,
  n.artist_latitude,
  n.artist_longitude,
  n.year,
  n.duration
from raw_songs r
left join song_numbers n on n.object_id = r.object_id and n.ordinal = r.ordinal
where r.unstorable is null
  and rtrim(r.song_id) <> ''
  and rtrim(r.artist_id) <> ''
  and octet_length(rtrim(r.song_id)) <= 64
  and octet_length(rtrim(r.artist_id)) <= 64
  and coalesce(octet_length(r.title), 0) <= 1024
  and coalesce(octet_length(r.artist_name), 0) <= 1024
  and coalesce(octet_length(r.artist_location), 0) <= 1024
  and (n.duration is not null or coalesce(rtrim(r.duration), '') = '')
  and (n.year is not null or coalesce(rtrim(r.year), '') = '')
  and (n.artist_latitude is not null or coalesce(rtrim(r.artist_latitude), '') = '')
  and (n.artist_longitude is not null or coalesce(rtrim(r.artist_longitude), '') = '');

create table reload_song_sources as
select
  s.*,
  md5(
    octet_length(title)::varchar || ':' || title || octet_length(artist_name)::varchar || ':' || artist_name
    || (duration * 100000)::bigint::varchar
  )::char(32) as match_key
from (
  select
    b.object_id as source_id,
    b.ordinal as row_number,
    case when k.source_id is null or k.line_number is not null then b.line_number end as line_number,
    f.bucket, f.object_key, f.etag, f.last_modified, b.song_id, b.title, b.artist_id, b.artist_name, b.artist_location,
    b.artist_latitude, b.artist_longitude, b.year, b.duration
  from bucket_song_rows b
  join known_files f on f.object_id = b.object_id
  left join (
    select source_id, row_number, max(line_number) as line_number
    from song_sources
    group by source_id, row_number
  ) k on k.source_id = b.object_id and k.row_number = b.ordinal
  where f.status = 'live'
  union all
  select
    k.source_id, k.row_number, k.line_number, f.bucket, f.object_key, f.etag, f.last_modified, k.song_id, k.title,
    k.artist_id, k.artist_name, k.artist_location, k.artist_latitude, k.artist_longitude, k.year, k.duration
  from song_sources k
  join known_files f on f.object_id = k.source_id
  where f.status = 'live'
    and not f.is_read
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
) ranked
where ranked.age = 1;

create table reload_songs as
select song_id, title, artist_id, year, duration, match_key, last_modified, source_id, row_number as source_row, line_number
from reload_newest_songs;

create table reload_artists as
select
  ranked.artist_id,
  ranked.artist_name as name,
  ranked.artist_location as location,
  ranked.artist_latitude as latitude,
  ranked.artist_longitude as longitude,
  ranked.source_id,
  ranked.line_number
from (
  select
    n.artist_id,
    n.artist_name,
    n.artist_location,
    n.artist_latitude,
    n.artist_longitude,
    n.source_id,
    n.line_number,
    row_number() over (partition by n.artist_id order by n.last_modified desc, n.song_id desc) as age_of_song
  from reload_newest_songs n
) ranked
where ranked.age_of_song = 1;
