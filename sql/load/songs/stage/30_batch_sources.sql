-- Purpose: the batch's song rows typed, as they will stand in song_sources. A rejected row keeps its place with song_id
--          null: this version of the object names no song there.
-- match_key: the same expression as for plays (title, artist name, duration), of the columns' own type, so that no join
--          converts the larger side row by row.

create temp table batch_sources as
select
  t.source_id,
  t.row_number,
  t.bucket,
  t.object_key,
  t.etag,
  dateadd(ms, (t.last_modified_ms % 60000)::integer, dateadd(minute, (t.last_modified_ms / 60000)::integer, '1970-01-01 00:00:00'::timestamp)) as last_modified,
  t.sequencer,
  t.song_id,
  t.title,
  t.artist_id,
  t.artist_name,
  t.artist_location,
  t.artist_latitude,
  t.artist_longitude,
  t.year,
  t.duration,
  case
    when t.song_id is not null and t.title is not null and t.artist_name is not null and t.duration is not null
      then md5(octet_length(t.title)::varchar || ':' || t.title || octet_length(t.artist_name)::varchar || ':' || t.artist_name || (t.duration * 100000)::bigint::varchar)::char(32)
  end as match_key
from (
  select
    c.source_id,
    c.row_number,
    c.bucket,
    c.object_key,
    c.etag,
    c.last_modified_ms,
    c.sequencer,
    case when c.rejection is null then c.song_id end as song_id,
    case when c.rejection is null then c.title end as title,
    case when c.rejection is null then c.artist_id end as artist_id,
    case when c.rejection is null then c.artist_name end as artist_name,
    case when c.rejection is null then c.artist_location end as artist_location,
    case when c.rejection is null and c.artist_latitude ~ '^-?[0-9]{1,3}([.][0-9]{1,17})?$' then c.artist_latitude::double precision end as artist_latitude,
    case when c.rejection is null and c.artist_longitude ~ '^-?[0-9]{1,3}([.][0-9]{1,17})?$' then c.artist_longitude::double precision end as artist_longitude,
    case when c.rejection is null and c.year ~ '^[0-9]{1,4}$' then c.year::integer end as year,
    case when c.rejection is null and c.duration ~ '^[0-9]{1,5}([.][0-9]{1,20})?$' and c.duration !~ '^99999[.]99999[5-9]' then round(c.duration::decimal(30, 20), 5)::decimal(10, 5) end as duration
  from checked_songs c
) t;
