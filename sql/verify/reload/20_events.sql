-- Purpose: the events that the model keeps, typed: those that name a user and all of whose values fit the star.
-- Rules:   written apart from the load on purpose; what fits is stated as one condition instead of a list of reasons.

create table reload_events as
select
  page = 'NextSong' as is_play,
  userid::bigint as user_id,
  sessionid::bigint as session_id,
  iteminsession::integer as item_in_session,
  ts::bigint as ts_ms,
  dateadd(ms, mod(ts::bigint, 1000)::integer, timestamp 'epoch' + (ts::bigint / 1000) * interval '1 second') as start_time,
  firstname as first_name,
  lastname as last_name,
  gender,
  level,
  location,
  useragent as user_agent,
  song as song_title,
  artist as artist_name,
  round(length::decimal(30, 20), 5)::decimal(10, 5) as song_length
from raw_events
where page <> ''
  and userid ~ '^[0-9]{1,18}$'
  and sessionid ~ '^[0-9]{1,18}$'
  and iteminsession ~ '^[0-9]{1,9}$'
  and case when ts ~ '^[0-9]{1,13}$' then ts::bigint >= 946684800000 and ts::bigint < 4102444800000 else false end
  and (length is null or (length ~ '^[0-9]{1,5}([.][0-9]{1,20})?$' and length !~ '^99999[.]99999[5-9]'))
  and coalesce(octet_length(level), 0) <= 16
  and coalesce(octet_length(gender), 0) <= 16
  and coalesce(octet_length(firstname), 0) <= 256
  and coalesce(octet_length(lastname), 0) <= 256
  and coalesce(octet_length(location), 0) <= 512
  and coalesce(octet_length(useragent), 0) <= 2048
  and coalesce(octet_length(song), 0) <= 1024
  and coalesce(octet_length(artist), 0) <= 1024;
