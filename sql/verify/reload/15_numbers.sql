-- Purpose: the values of number columns that are numbers, parsed and typed. Deliberately written separately from the load.
-- Number:  any JSON spelling, as a number or as text: digits, a fraction, an exponent, at most 1,024 characters. Blanks around it
--          make it a text.
-- Grain:   a value that is a number. number_parts has it as 0.<digits> * 10^point_at, without outer zeros in the digits; 0 has no
--          digits. typed_numbers has it in each type, null if the type cannot hold it: whole (38 digits), seconds (five decimals,
--          rounded half away from zero), degrees.
-- Guards:  ^ and $ also match at line ends, so other characters are excluded first. No text is cast before its length is known: a
--          long exponent counts as a million.

create table number_parts as
select
  shifted.object_id,
  shifted.ordinal,
  shifted.name,
  shifted.is_negative and shifted.digits <> '' as is_negative,
  shifted.digits,
  case when shifted.digits = '' then 0 else shifted.whole_digits - shifted.leading_zeros + shifted.exponent end as point_at
from (
  select
    split.object_id,
    split.ordinal,
    split.name,
    split.is_negative,
    octet_length(split.whole) as whole_digits,
    octet_length(split.whole || split.fraction) - octet_length(ltrim(split.whole || split.fraction, '0')) as leading_zeros,
    rtrim(ltrim(split.whole || split.fraction, '0'), '0') as digits,
    case when left(split.exponent, 1) = '-' then -1 else 1 end
      * case
          when octet_length(ltrim(split.exponent, '+-0')) > 6 then 1000000
          else ('0' || ltrim(split.exponent, '+-0'))::integer
        end as exponent
  from (
    select
      v.object_id,
      v.ordinal,
      v.name,
      left(v.value, 1) = '-' as is_negative,
      split_part(split_part(ltrim(lower(v.value), '-'), 'e', 1), '.', 1) as whole,
      split_part(split_part(ltrim(lower(v.value), '-'), 'e', 1), '.', 2) as fraction,
      split_part(lower(v.value), 'e', 2) as exponent
    from (
    select object_id, ordinal, 'ts' as name, ts as value from raw_events
    union all
    select object_id, ordinal, 'userid' as name, userid as value from raw_events
    union all
    select object_id, ordinal, 'sessionid' as name, sessionid as value from raw_events
    union all
    select object_id, ordinal, 'iteminsession' as name, iteminsession as value from raw_events
    union all
    select object_id, ordinal, 'length' as name, length as value from raw_events
    union all
    select object_id, ordinal, 'year' as name, year as value from raw_songs
    union all
    select object_id, ordinal, 'duration' as name, duration as value from raw_songs
    union all
    select object_id, ordinal, 'artist_latitude' as name, artist_latitude as value from raw_songs
    union all
    select object_id, ordinal, 'artist_longitude' as name, artist_longitude as value from raw_songs
    ) v
    where octet_length(v.value) <= 1024
      and v.value !~ '[^-+.0-9eE]'
      and v.value ~ '^-?[0-9]+([.][0-9]+)?([eE][-+]?[0-9]+)?$'
  ) split
) shifted;

create table typed_numbers as
select
  p.object_id,
  p.ordinal,
  p.name,
  case
    when p.digits = '' then 0::decimal(38, 0)
    when p.point_at between octet_length(p.digits) and 37
      then (case when p.is_negative then '-' else '' end || rpad(p.digits, p.point_at, '0'))::decimal(38, 0)
  end as whole,
  case
    when p.is_negative or p.point_at > 5 then null
    when p.digits = '' or p.point_at < -5 then 0::decimal(20, 5)
    -- Millionths, of which five round up.
    else (rpad(p.digits, p.point_at + 6, '0')::bigint + 5) / 10 * 0.00001
  end as seconds,
  case
    when p.digits = '' then 0::double precision
    -- More than forty digits tell two doubles apart only in theory.
    when p.point_at between -300 and 3
      then (case when p.is_negative then '-' else '' end || '0.' || left(p.digits, 40) || 'e' || p.point_at::varchar)::double precision
  end as degrees
from number_parts p;
