-- Purpose: says of every staged song what is wrong with it. rejection: 'column|reason', null when the row fits.
-- Seconds: five decimals are kept; what they round up to 100000 would not fit DECIMAL(10, 5).
-- Numbers: bounded by their patterns, so that the casts of the next step cannot fail.

create temp table checked_songs as
select
  s.*,
  case
    when s.row_number = 0 then null
    when s.song_id is null or s.song_id = '' then 'song_id|is missing'
    when s.artist_id is null or s.artist_id = '' then 'artist_id|is missing'
    when octet_length(s.song_id) > 64 then 'song_id|is longer than 64 bytes'
    when octet_length(s.artist_id) > 64 then 'artist_id|is longer than 64 bytes'
    when octet_length(s.title) > 1024 then 'title|is longer than 1024 bytes'
    when octet_length(s.artist_name) > 1024 then 'artist_name|is longer than 1024 bytes'
    when octet_length(s.artist_location) > 1024 then 'artist_location|is longer than 1024 bytes'
    when s.duration !~ '^[0-9]{1,5}([.][0-9]{1,20})?$' or s.duration ~ '^99999[.]99999[5-9]' then 'duration|is not a number of seconds below 100000'
    when s.year is not null and s.year !~ '^[0-9]{1,4}$' then 'year|is not a year of 1 to 4 digits'
    when s.artist_latitude is not null and s.artist_latitude !~ '^-?[0-9]{1,3}([.][0-9]{1,17})?$' then 'artist_latitude|is not a number of degrees'
    when s.artist_longitude is not null and s.artist_longitude !~ '^-?[0-9]{1,3}([.][0-9]{1,17})?$' then 'artist_longitude|is not a number of degrees'
  end as rejection
from staging_songs s;
