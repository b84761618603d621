-- Purpose: the events that the model keeps, typed: plays whose values all fit the star, and other events that have a user and
--          whose identity and user fit.
-- Rules:   deliberately written separately from the load: conditions instead of a list of reasons. Trailing blanks of a page do
--          not count; a number column of blanks has no value; a time is in the years 2000 to 2099.

create table event_numbers as
select
  object_id,
  ordinal,
  max(case when name = 'ts' and whole >= 946684800000 and whole < 4102444800000 then whole end)::bigint as ts_ms,
  max(case when name = 'userid' and whole between -9223372036854775808 and 9223372036854775807 then whole end)::bigint as user_id,
  max(case when name = 'sessionid' and whole between -9223372036854775808 and 9223372036854775807 then whole end)::bigint as session_id,
  max(case when name = 'iteminsession' and whole between -2147483648 and 2147483647 then whole end)::integer as item_in_session,
  max(case when name = 'length' and seconds < 100000 then seconds end)::decimal(10, 5) as song_length
from typed_numbers
where name in ('ts', 'userid', 'sessionid', 'iteminsession', 'length')
group by object_id, ordinal;

create table reload_events as
select
  e.object_id,
  e.ordinal,
  e.line_number,
  rtrim(e.page) = 'NextSong' as is_play,
  n.user_id,
  n.session_id,
  n.item_in_session,
  n.ts_ms,
  dateadd(ms, mod(n.ts_ms, 1000)::integer, timestamp 'epoch' + (n.ts_ms / 1000) * interval '1 second') as start_time,
  e.firstname as first_name,
  e.lastname as last_name,
  e.gender,
  e.level,
  e.location,
  e.useragent as user_agent,
  e.song as song_title,
  e.artist as artist_name,
  n.song_length
from raw_events e
join event_numbers n on n.object_id = e.object_id and n.ordinal = e.ordinal
where rtrim(e.page) <> ''
  and n.user_id is not null
  and n.session_id is not null
  and n.item_in_session is not null
  and n.ts_ms is not null
  and coalesce(octet_length(e.level), 0) <= 16
  and coalesce(octet_length(e.gender), 0) <= 16
  and coalesce(octet_length(e.firstname), 0) <= 256
  and coalesce(octet_length(e.lastname), 0) <= 256
  and coalesce(e.unstorable, '') !~ ' (level|gender|firstname|lastname) '
  and (
    rtrim(e.page) <> 'NextSong'
    or (
      coalesce(octet_length(e.location), 0) <= 512
      and coalesce(octet_length(e.useragent), 0) <= 2048
      and coalesce(octet_length(e.song), 0) <= 1024
      and coalesce(octet_length(e.artist), 0) <= 1024
      and (n.song_length is not null or coalesce(rtrim(e.length), '') = '')
      and coalesce(e.unstorable, '') !~ ' (location|useragent|song|artist|length) '
    )
  );
