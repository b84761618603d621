-- Purpose: says of every staged row whether the model keeps it and, if so, what is wrong with it.
-- Kept:    NextSong events, and any other event that names a user (users are seen in every event).
-- rejection: 'column|reason', null when the row fits. One reason, the first found; identity first.
-- Seconds: five decimals are kept; what they round up to 100000 would not fit DECIMAL(10, 5).
-- Numbers: digits only and bounded, so that the casts of the next step cannot fail. ts is epoch milliseconds. A time
--          near 1970 (seconds for milliseconds, a clock that was never set) or centuries ahead is no time of an event, and
--          as a bound of the batch's range it would make the load read all of history.

create temp table checked_events as
select
  s.*,
  case
    when s.page is null or s.page = '' then 'page|is missing'
    when s.ts is null or s.ts !~ '^[0-9]{1,13}$' then 'ts|is not a whole number of milliseconds since 1970'
    when case when s.ts ~ '^[0-9]{1,13}$' then s.ts::bigint end not between 946684800000 and 4102444799999 then 'ts|is outside the years 2000 to 2099, in milliseconds since 1970'
    when s.userid is null or s.userid !~ '^[0-9]{1,18}$' then 'user_id|is not a whole number of 1 to 18 digits'
    when s.sessionid is null or s.sessionid !~ '^[0-9]{1,18}$' then 'session_id|is not a whole number of 1 to 18 digits'
    when s.iteminsession is null or s.iteminsession !~ '^[0-9]{1,9}$' then 'item_in_session|is not a whole number of 1 to 9 digits'
    when s.length !~ '^[0-9]{1,5}([.][0-9]{1,20})?$' or s.length ~ '^99999[.]99999[5-9]' then 'song_length|is not a number of seconds below 100000'
    when octet_length(s.level) > 16 then 'level|is longer than 16 bytes'
    when octet_length(s.gender) > 16 then 'gender|is longer than 16 bytes'
    when octet_length(s.firstname) > 256 then 'first_name|is longer than 256 bytes'
    when octet_length(s.lastname) > 256 then 'last_name|is longer than 256 bytes'
    when octet_length(s.location) > 512 then 'location|is longer than 512 bytes'
    when octet_length(s.useragent) > 2048 then 'user_agent|is longer than 2048 bytes'
    when octet_length(s.song) > 1024 then 'song_title|is longer than 1024 bytes'
    when octet_length(s.artist) > 1024 then 'artist_name|is longer than 1024 bytes'
  end as rejection
from staging_events s
where s.page is null
   or s.page = ''
   or s.page = 'NextSong'
   or (s.userid is not null and s.userid <> '');
