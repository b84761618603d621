-- Purpose: all columns of artists. A row that a program older than schema/010 wrote has no source; that is right if the source
--          has no line either.
-- Grain:   a row of the star, a row of the reload; row_key identifies it.

create view {{star}} as
select artist_id as row_key, source_id as row_object, artist_id, name, location, latitude, longitude, source_id, line_number
from artists;

create view {{reload}} as
select
  r.artist_id as row_key,
  case when r.line_number is not null or a.source_id is not null then r.source_id end as row_object,
  r.artist_id,
  r.name,
  r.location,
  r.latitude,
  r.longitude,
  case when r.line_number is not null or a.source_id is not null then r.source_id end as source_id,
  r.line_number
from reload_artists r
left join (
  select artist_id, max(source_id) as source_id
  from artists
  group by artist_id
) a on a.artist_id = r.artist_id;
